package dev.muster.concurrent;

import java.time.Duration;

/** A ticker without a thread: the caller says when deadlines pass. */
public final class ManualTicker {
    /** Enough for a deadline that is due at once, despite the rounding to ticks. */
    private static final long AHEAD_NANOS = Duration.ofMillis(5).toNanos();

    private volatile long aheadNanos;
    private final DeadlineTicker ticker = new DeadlineTicker(() -> System.nanoTime() + aheadNanos);

    public DeadlineTicker ticker() {
        return ticker;
    }

    /** Moves the clock ahead and runs the due deadlines. */
    public void passTime() {
        aheadNanos += AHEAD_NANOS;
        ticker.runDue();
    }
}
