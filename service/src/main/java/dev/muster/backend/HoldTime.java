package dev.muster.backend;

/**
 * Estimates how long a permit is held, to turn the length of a queue into time.
 *
 * <p>By Little's law (J. D. C. Little, 1961), {@code n} permits that are each held for {@code t} come back at a rate of
 * {@code n / t}. While no permit is free, we measure that rate. Until {@code n} permits have come back, we use the mean of
 * the last seconds' calls: their total time by their number, so that one long call counts as one. Fewer than {@code n}
 * calls count as {@code n}, as they prove little. Old calls fade: after a silence the estimate is 0.
 *
 * <p>Not thread-safe; {@link Permits} guards it with its lock. Times are nanoseconds of one monotonic clock.
 */
final class HoldTime {
    private static final double MEMORY_NANOS = 10e9;

    /** Shorter: the newest measurements describe the rate best. */
    private static final double FULL_MEMORY_NANOS = 2e9;

    /** The least time between two fadings, which saves most calls an exponential. */
    private static final long COARSE_NANOS = 5_000_000;

    private final int permits;

    private double heldNanos;
    private double released;
    private long fadedNanos;

    // Measured while no permit is free.
    private boolean full;
    private double fullNanos;
    private double releasedWhileFull;
    private long fullUntilNanos;

    HoldTime(int permits, long nowNanos) {
        this.permits = permits;
        this.fadedNanos = nowNanos;
    }

    void released(long forNanos, long nowNanos) {
        fade(nowNanos);
        heldNanos += forNanos;
        released++;
        if (full) {
            releasedWhileFull++;
            goOn(nowNanos);
        }
    }

    void becomesFull(long nowNanos) {
        if (!full) {
            full = true;
            fullNanos = 0;
            releasedWhileFull = 0;
            fullUntilNanos = nowNanos;
        }
    }

    void hasRoom() {
        full = false;
    }

    /** The estimate; 0 if nothing is known. */
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
            // Earlier measurements count half from now on: the same rate, which follows changes sooner.
            fullNanos /= 2;
            releasedWhileFull /= 2;
        }
    }
}
