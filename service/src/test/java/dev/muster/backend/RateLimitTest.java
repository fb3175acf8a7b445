package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.concurrent.Deadline;
import dev.muster.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final Deadline LATE = Deadline.after(Duration.ofHours(1));

    @Test
    void aTenthOfASecondsWorthMayBeginAtOnce() throws InterruptedException {
        RateLimit limit = new RateLimit(1000);
        long begun = System.nanoTime();
        int atOnce = 0;
        while (limit.await(Deadline.after(Duration.ZERO))) {
            atOnce++;
        }
        long passed = System.nanoTime() - begun;
        // Plus one call for each millisecond since.
        assertThat(atOnce).isBetween(100, 101 + (int) (passed / 1_000_000));
    }

    @Test
    void oneMayBeginAtOnceEvenWhereATenthOfASecondsWorthIsLess() throws InterruptedException {
        RateLimit limit = new RateLimit(1);
        assertThat(limit.await(Deadline.after(Duration.ZERO))).isTrue();
        assertThat(limit.await(Deadline.after(Duration.ZERO))).isFalse();
    }

    @Test
    void whoIsBehindWaitsForTheNext() throws InterruptedException {
        RateLimit limit = new RateLimit(20);
        long begun = System.nanoTime();
        for (int i = 0; i < 12; i++) {
            assertThat(limit.await(LATE)).isTrue();
        }
        // Two at once, then one each 50 ms.
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(10 * 50_000_000L);
    }

    @Test
    void whoseTurnWouldComeTooLateDoesNotWait() throws InterruptedException {
        RateLimit limit = new RateLimit(1);
        assertThat(limit.await(LATE)).isTrue();
        long begun = System.nanoTime();
        for (int i = 0; i < 40; i++) {
            limit.await(Deadline.after(Duration.ofMillis(900)));
        }
        // Each waiter would come a second after the one before.
        assertThat(System.nanoTime() - begun).isLessThan(Duration.ofSeconds(20).toNanos());
    }

    @Test
    void whoseTurnWouldComeTooLateTakesNothingFromOthers() throws InterruptedException {
        RateLimit limit = new RateLimit(1);
        assertThat(limit.await(LATE)).isTrue();
        for (int i = 0; i < 60; i++) {
            limit.await(Deadline.after(Duration.ofMillis(1)));
        }
        assertThat(limit.await(Deadline.after(Duration.ofSeconds(15)))).isTrue();
    }

    @Test
    void whoIsInterruptedWhileItWaitsTakesNothingFromOthers() throws InterruptedException {
        RateLimit limit = new RateLimit(1);
        assertThat(limit.await(LATE)).isTrue();
        List<Thread> threads = new ArrayList<>();
        List<CompletableFuture<Boolean>> interrupted = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            CompletableFuture<Boolean> end = new CompletableFuture<>();
            interrupted.add(end);
            threads.add(Thread.ofVirtual().start(() -> await(limit, end)));
        }
        for (Thread thread : threads) {
            Await.until("it waits or has had its turn", () -> thread.getState() != Thread.State.RUNNABLE);
            thread.interrupt();
        }
        assertThat(interrupted).filteredOn(Await::result).hasSizeGreaterThan(30);

        // Behind the interrupted ones it would take a minute.
        assertThat(limit.await(Deadline.after(Duration.ofSeconds(15)))).isTrue();
    }

    private static void await(RateLimit limit, CompletableFuture<Boolean> interrupted) {
        try {
            limit.await(LATE);
            interrupted.complete(false);
        } catch (InterruptedException e) {
            interrupted.complete(true);
        }
    }

    @Test
    void anInterruptThatWasThereBeforeEndsTheWait() throws InterruptedException {
        RateLimit limit = new RateLimit(1);
        assertThat(limit.await(LATE)).isTrue();
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> limit.await(LATE));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
