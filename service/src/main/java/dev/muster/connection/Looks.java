package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which looks of the guard may judge timeouts. A late look may not: the process has stood still, stopped or
 * frozen with its machine, and could not read bytes that arrived in time. The look after a late one always judges.
 *
 * <p>Used by one thread.
 */
final class Looks {
    private final Duration latest;
    private final LongSupplier clock;
    private Deadline late;
    private boolean passedOver;

    /**
     * The first look is due now.
     *
     * @param latest how long after the last one a look is late
     * @param clock monotonic, in nanoseconds
     */
    Looks(Duration latest, LongSupplier clock) {
        this.latest = latest;
        this.clock = clock;
        this.late = Deadline.after(latest, clock);
    }

    /** The moment by which the whole next look judges, as the process may stop during it; null to skip the look. */
    @Nullable
    Deadline next() {
        Deadline now = Deadline.after(Duration.ZERO, clock);
        passedOver = !passedOver && late.compareTo(now) < 0;
        late = Deadline.after(latest, clock);
        return passedOver ? null : now;
    }
}
