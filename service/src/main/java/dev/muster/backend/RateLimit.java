package dev.muster.backend;

import dev.muster.concurrent.Deadline;
import io.github.bucket4j.Bucket;
import java.time.Duration;

/**
 * How many calls per second may begin: a token bucket, which holds what comes in a tenth of a second. What
 * {@code rate.Limiter} is in Go. Safe for use by any thread.
 */
final class RateLimit {
    private static final int BURSTS_PER_SECOND = 10;

    private final Bucket bucket;

    /** A limit of {@code perSecond} calls, at least one. */
    RateLimit(int perSecond) {
        bucket = Bucket.builder()
                .withNanosecondPrecision()
                .addLimit(limit -> limit.capacity(Math.max(1, perSecond / BURSTS_PER_SECOND))
                        .refillGreedy(perSecond, Duration.ofSeconds(1)))
                .build();
    }

    /**
     * Waits for leave to begin a call, as Go's {@code limiter.Wait(ctx)} does: not at all, where it would not come
     * before {@code deadline}, and without taking anything from those behind, where the caller is interrupted.
     *
     * @return whether there is leave
     * @throws InterruptedException if the caller was interrupted while it waited
     */
    boolean await(Deadline deadline) throws InterruptedException {
        if (bucket.tryConsume(1)) {
            return true;
        }
        Duration left = deadline.remaining();
        if (left.isZero()) {
            return false;
        }
        try {
            return bucket.asBlocking().tryConsume(1, left);
        } catch (InterruptedException e) {
            bucket.addTokens(1);
            throw e;
        }
    }
}
