package dev.muster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ticker with its own thread, on the real clock. */
class DeadlineTickerThreadTest {
    private final Set<Thread> others = tickerThreads();
    private final DeadlineTicker ticker = new DeadlineTicker();

    @AfterEach
    void stop() {
        ticker.close();
    }

    @Test
    void firesByItself() {
        CountDownLatch fired = new CountDownLatch(1);

        ticker.schedule(Deadline.after(Duration.ofMillis(5)), fired::countDown);

        Await.latch(fired);
    }

    @Test
    void anEarlierDeadlineWakesTheThreadThatSleepsForALaterOne() {
        CountDownLatch fired = new CountDownLatch(1);
        ticker.schedule(Deadline.after(Duration.ofHours(1)), () -> {});
        Await.until(
                "the thread sleeps until the later deadline", () -> thread().getState() == Thread.State.TIMED_WAITING);

        ticker.schedule(Deadline.after(Duration.ofMillis(5)), fired::countDown);

        Await.latch(fired);
    }

    @Test
    void theThreadOutlivesAnActionThatThrows() {
        CountDownLatch fired = new CountDownLatch(1);
        ticker.schedule(Deadline.after(Duration.ZERO), () -> {
            throw new AssertionError("thrown by the test");
        });
        Await.until("the first has fired", () -> ticker.size() == 0);

        ticker.schedule(Deadline.after(Duration.ofMillis(5)), fired::countDown);

        Await.latch(fired);
    }

    @Test
    void closingEndsTheThread() {
        Thread thread = thread();
        ticker.schedule(Deadline.after(Duration.ofHours(1)), () -> {});

        ticker.close();

        assertThat(thread.isAlive()).isFalse();
    }

    private Thread thread() {
        Set<Thread> mine = new HashSet<>(tickerThreads());
        mine.removeAll(others);
        assertThat(mine).hasSize(1);
        return mine.iterator().next();
    }

    private static Set<Thread> tickerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("deadline-ticker"))
                .collect(Collectors.toUnmodifiableSet());
    }
}
