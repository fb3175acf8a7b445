package dev.muster.backend;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Records which stages a call to a backend reached, and when.
 *
 * <p>Written by the branch that makes the call, read by the request's thread after the branch has ended.
 */
public final class CallTimes {
    /** The stages of a call, in order. */
    public enum Stage {
        /** The branch runs, and needs a permit. */
        BEGAN(0),
        /** It has a permit, and needs a connection. */
        PERMIT(1),
        /** It has a connection, reused or new. */
        CONNECTED(2),
        /** The request is written. */
        SENT(3),
        /** The first byte of the answer has arrived. */
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
    /** By stage; 0 for a stage not reached. */
    private final long[] nanos = new long[STAGES];

    /** Times since the beginning of {@code context}'s request. */
    public CallTimes(CallContext context) {
        this.originNanos = context.begunNanos();
    }

    void mark(Stage stage) {
        nanos[stage.index] = System.nanoTime() - originNanos;
    }

    /** Forgets a stage, as the call repeats it. */
    void unmark(Stage stage) {
        nanos[stage.index] = 0;
    }

    boolean reached(Stage stage) {
        return nanos[stage.index] != 0;
    }

    /** The time from the beginning of the request to {@code stage}; null if the call did not reach it. */
    public @Nullable Duration at(Stage stage) {
        return reached(stage) ? Duration.ofNanos(nanos[stage.index]) : null;
    }
}
