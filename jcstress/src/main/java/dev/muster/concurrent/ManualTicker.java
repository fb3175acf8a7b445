package dev.muster.concurrent;

import java.time.Duration;

/** A ticker without a thread, for whoever wants to say when deadlines pass. */
public final class ManualTicker {
    /** So much that what is due at once is, whatever its rounding to ticks. */
    private static final long AHEAD_NANOS = Duration.ofMillis(5).toNanos();

    private volatile long aheadNanos;
    private final DeadlineTicker ticker = new DeadlineTicker(() -> System.nanoTime() + aheadNanos);

    public DeadlineTicker ticker() {
        return ticker;
    }

    /** Does what the ticker's thread would do a few milliseconds from now. */
    public void passTime() {
        aheadNanos += AHEAD_NANOS;
        ticker.runDue();
    }
}
