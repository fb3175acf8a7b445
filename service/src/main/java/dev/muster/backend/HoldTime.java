package dev.muster.backend;

/**
 * How long a permit is held, as far as can be told: what turns the length of a queue into time.
 *
 * <p>By Little's law (J. D. C. Little, 1961) {@code n} permits that are each held for {@code t} come back at a rate of
 * {@code n / t}. While no permit is free, that rate can be seen. Before a round of permits has come back, the calls of the
 * last seconds tell: the time that permits were held for, in all, by how many there were, so that one long call counts
 * for one. Less than a round is not taken for a rule, and all is forgotten with time: after a silence nothing is expected.
 *
 * <p>Not thread-safe; {@link Permits} guards it with its lock. Times are nanoseconds of one monotonic clock.
 */
final class HoldTime {
    private static final double MEMORY_NANOS = 10e9;

    /** Shorter: a rate that can be seen is told best by what was seen last. */
    private static final double FULL_MEMORY_NANOS = 2e9;

    /** Nothing fades in less time, which saves most calls an exponential. */
    private static final long COARSE_NANOS = 5_000_000;

    private final int permits;

    private double heldNanos;
    private double released;
    private long fadedNanos;

    // Since no permit is free.
    private boolean full;
    private double fullNanos;
    private double releasedWhileFull;
    private long fullUntilNanos;

    HoldTime(int permits, long nowNanos) {
        this.permits = permits;
        this.fadedNanos = nowNanos;
    }

    /** A permit came back that had been held for so long. */
    void released(long forNanos, long nowNanos) {
        fade(nowNanos);
        heldNanos += forNanos;
        released++;
        if (full) {
            releasedWhileFull++;
            goOn(nowNanos);
        }
    }

    /** No permit is free, from now on or still. */
    void becomesFull(long nowNanos) {
        if (!full) {
            full = true;
            fullNanos = 0;
            releasedWhileFull = 0;
            fullUntilNanos = nowNanos;
        }
    }

    /** A permit is free from now on. */
    void hasRoom() {
        full = false;
    }

    /** How long a permit is held, in nanoseconds; 0 where nothing is known. */
    double expectedNanos(long nowNanos) {
        fade(nowNanos);
        if (full && releasedWhileFull >= permits) {
            goOn(nowNanos);
            return permits * fullNanos / releasedWhileFull;
        }
        return heldNanos / Math.max(released, permits);
    }

    private void fade(long nowNanos) {
        long passed = nowNanos - fadedNanos;
        if (passed > COARSE_NANOS) {
            double kept = Math.exp(-passed / MEMORY_NANOS);
            heldNanos *= kept;
            released *= kept;
            fadedNanos = nowNanos;
        }
    }

    private void goOn(long nowNanos) {
        fullNanos += nowNanos - fullUntilNanos;
        fullUntilNanos = nowNanos;
        if (fullNanos > FULL_MEMORY_NANOS && releasedWhileFull >= 2 * permits) {
            // What was seen before counts half from now on: the rate is the same, and follows what comes sooner.
            fullNanos /= 2;
            releasedWhileFull /= 2;
        }
    }
}
