package dev.muster.connection;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A time in which a port can accept nobody: when to try again, and when to give up hope. Confined to the port's
 * accepting thread.
 */
final class Outage {
    /** Long enough that trying costs nothing worth having, short enough that nobody notices. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** A process that lets nobody in for that long does not recover by itself; another may. */
    static final Duration HOPE = Duration.ofSeconds(10);

    /** There are three times as many in that; a process that stands still meanwhile has hardly tried. */
    private static final int TRIES = 6;

    /** Nanoseconds of a clock that never goes back. */
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
     * @return how long to wait before it is tried again: not at all after the first failure
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

    /** Whether it has lasted for so long that there is no hope. */
    boolean isLost() {
        return lasts && failures >= TRIES && lasted().compareTo(HOPE) >= 0;
    }

    /** How often accepting has failed in it. */
    int failures() {
        return failures;
    }

    /** How long ago it began. */
    Duration lasted() {
        return Duration.ofNanos(clock.getAsLong() - begunNanos);
    }
}
