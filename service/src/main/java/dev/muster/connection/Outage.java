package dev.muster.connection;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Decides when a port that cannot accept clients tries again, and when it gives up hope. Used by the port's accepting
 * thread only.
 */
final class Outage {
    /** Long enough for a try to cost little, short enough for nobody to notice. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** A process that accepts nobody for so long does not recover by itself. A new process may accept. */
    static final Duration HOPE = Duration.ofSeconds(10);

    /** {@link #HOPE} has time for three times as many. A process that stood still meanwhile has made fewer. */
    private static final int TRIES = 6;

    /** Monotonic, in nanoseconds. */
    private final LongSupplier clock;

    private boolean lasts;
    private long begunNanos;
    private int failures;
    private Duration pause = Duration.ZERO;

    Outage(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Accepting has failed.
     *
     * @return how long to wait before the next try: zero after the first failure
     */
    Duration failed() {
        if (!lasts) {
            lasts = true;
            begunNanos = clock.getAsLong();
            failures = 1;
            pause = Duration.ZERO;
            return pause;
        }
        failures++;
        pause = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
        if (pause.compareTo(LONGEST_PAUSE) > 0) {
            pause = LONGEST_PAUSE;
        }
        return pause;
    }

    /** Accepting works; true if it did not before. */
    boolean ended() {
        boolean didNot = lasts;
        lasts = false;
        return didNot;
    }

    /** Whether the outage has lasted too long for hope. */
    boolean isLost() {
        return lasts && failures >= TRIES && lasted().compareTo(HOPE) >= 0;
    }

    int failures() {
        return failures;
    }

    Duration lasted() {
        return Duration.ofNanos(clock.getAsLong() - begunNanos);
    }
}
