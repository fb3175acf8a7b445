package dev.muster.connection;

import dev.muster.connection.PhaseTimer.Phase;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * What a client is made to wait that would ask again at once: its next request is not read for so long.
 *
 * <p>The connection's own thread makes it; any thread may end it.
 */
final class Pause {
    /** Short, as a proxy's next request may be somebody else's. */
    private static final Duration LENGTH = Duration.ofMillis(200);

    private static final CountDownLatch NONE = new CountDownLatch(0);

    private final PhaseTimer timer;
    /** Ends the pause that is being made, if there is one. */
    private volatile CountDownLatch ends = NONE;

    // The connection's own thread only.
    private boolean due;

    Pause(PhaseTimer timer) {
        this.timer = timer;
    }

    /** Says whether the next request is to be kept waiting. */
    void due(boolean due) {
        this.due = due;
    }

    /** Waits, if the pause is due, until it is ended or the thread is interrupted. */
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
            // Whoever interrupts a connection ends it.
            Thread.currentThread().interrupt();
        }
    }

    void end() {
        ends.countDown();
    }
}
