package dev.muster.backend;

import dev.muster.concurrent.Deadline;
import io.github.bucket4j.Bucket;
import java.time.Duration;

/**
 * Limits how many calls begin per second: a token bucket with room for a tenth of a second, like {@code rate.Limiter} in
 * Go. Safe for use by any thread.
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
     * Waits until a call may begin, like Go's {@code limiter.Wait(ctx)}. Does not wait if that would be after
     * {@code deadline}. An interrupted caller takes nothing from those behind it.
     *
     * @return whether the call may begin
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
