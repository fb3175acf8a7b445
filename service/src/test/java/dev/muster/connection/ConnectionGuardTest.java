package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.ConnectionConfig;
import dev.muster.testing.Await;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a guard waits to be told that its listener's socket is closed, and what it does where nobody tells it. */
class ConnectionGuardTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final ConnectionConfig LIMITS = new ConnectionConfig(LONG, LONG, LONG, LONG, 1, LONG, 1);

    @Test
    void tellsItsConnectionsToCloseWhereHelidonSaysNothing() {
        try (ConnectionGuard guard = new ConnectionGuard("test", LIMITS, cut -> {})) {
            Thread stop = Thread.ofVirtual().start(guard::awaitListenerClosed);

            Await.end(stop);

            assertThat(guard.isClosing()).isTrue();
        }
    }

    @Test
    void whoStopsWaitsUntilTheListenersSocketIsClosed() {
        try (ConnectionGuard guard = new ConnectionGuard("test", LIMITS, cut -> {})) {
            Thread stop = Thread.ofVirtual().start(guard::awaitListenerClosed);
            Await.until("it waits", () -> stop.getState() == Thread.State.TIMED_WAITING);

            guard.listenerClosed();

            Await.end(stop);
        }
    }

    @Test
    void waitsThoughItIsInterruptedAndKeepsTheInterrupt() {
        try (ConnectionGuard guard = new ConnectionGuard("test", LIMITS, cut -> {})) {
            boolean[] interrupted = new boolean[1];
            Thread stop = Thread.ofVirtual().unstarted(() -> {
                guard.awaitListenerClosed();
                interrupted[0] = Thread.currentThread().isInterrupted();
            });
            stop.start();
            stop.interrupt();

            Await.end(stop);

            assertThat(guard.isClosing()).isTrue();
            assertThat(interrupted[0]).isTrue();
        }
    }
}
