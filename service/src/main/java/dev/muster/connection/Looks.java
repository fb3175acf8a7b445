package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what has taken too long, of which none may judge that comes late: the process has stood still, stopped or
 * frozen with its machine, and what had arrived in time could not be taken in. The look behind it judges, whenever it comes.
 *
 * <p>Used by one thread.
 */
final class Looks {
    private final Duration latest;
    private final LongSupplier clock;
    private Deadline late;
    private boolean passedOver;

    /**
     * Looks of which the first is due now.
     *
     * @param latest how long after the last one a look is late
     * @param clock monotonic, in nanoseconds
     */
    Looks(Duration latest, LongSupplier clock) {
        this.latest = latest;
        this.clock = clock;
        this.late = Deadline.after(latest, clock);
    }

    /** The moment to judge by all through the next look, which may be interrupted itself; null if it is to be passed over. */
    @Nullable
    Deadline next() {
        Deadline now = Deadline.after(Duration.ZERO, clock);
        passedOver = !passedOver && late.compareTo(now) < 0;
        late = Deadline.after(latest, clock);
        return passedOver ? null : now;
    }
}
