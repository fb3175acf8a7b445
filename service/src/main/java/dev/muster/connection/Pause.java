package dev.muster.connection;

import dev.muster.connection.PhaseTimer.Phase;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Delays the next request of a rejected client, which would ask again at once.
 *
 * <p>The connection's own thread waits; any thread may end the pause.
 */
final class Pause {
    /** Short, as a proxy's next request may come from another client. */
    private static final Duration LENGTH = Duration.ofMillis(200);

    private static final CountDownLatch NONE = new CountDownLatch(0);

    private final PhaseTimer timer;
    /** Ends the present pause, if any. */
    private volatile CountDownLatch ends = NONE;

    // Used by the connection's own thread only.
    private boolean due;

    Pause(PhaseTimer timer) {
        this.timer = timer;
    }

    /** Sets whether the next request must wait. */
    void due(boolean due) {
        this.due = due;
    }

    /** If a pause is due, waits until it is ended or the thread is interrupted. */
    void makeIfDue() {
        if (!due) {
            return;
        }
        due = false;
        CountDownLatch end = new CountDownLatch(1);
        ends = end;
        timer.enter(Phase.PAUSING, LENGTH);
        try {
            end.await();
        } catch (InterruptedException e) {
            // An interrupt ends the connection.
            Thread.currentThread().interrupt();
        }
    }

    void end() {
        ends.countDown();
    }
}
