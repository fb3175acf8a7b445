package dev.muster.backend;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far one call to a backend came, and when.
 *
 * <p>Written by the branch that makes the call, read by the request's own thread once the branch has ended.
 */
public final class CallTimes {
    /** The stages of a call, in their order. */
    public enum Stage {
        /** The branch runs, and wants a permit. */
        BEGAN(0),
        /** It has a permit, and wants a connection. */
        PERMIT(1),
        /** It has a connection, be it an idle one or a new one. */
        CONNECTED(2),
        /** The request is written. */
        SENT(3),
        /** The first byte of the answer is there. */
        FIRST_BYTE(4),
        /** The answer is read and checked, or the call has failed. */
        ENDED(5);

        private final int index;

        Stage(int index) {
            this.index = index;
        }
    }

    private static final int STAGES = Stage.values().length;

    private final long originNanos;
    /** By stage; zero for one that was not reached. */
    private final long[] nanos = new long[STAGES];

    /** Times that count from the moment when {@code context}'s request began. */
    public CallTimes(CallContext context) {
        this.originNanos = context.begunNanos();
    }

    void mark(Stage stage) {
        nanos[stage.index] = System.nanoTime() - originNanos;
    }

    /** Forgets a stage: the call takes it once more. */
    void unmark(Stage stage) {
        nanos[stage.index] = 0;
    }

    boolean reached(Stage stage) {
        return nanos[stage.index] != 0;
    }

    /** When the call came to {@code stage}, from the beginning of its request; null if it never did. */
    public @Nullable Duration at(Stage stage) {
        return reached(stage) ? Duration.ofNanos(nanos[stage.index]) : null;
    }
}
