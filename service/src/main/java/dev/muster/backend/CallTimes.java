package dev.muster.backend;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
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
        BEGAN,
        /** It has a permit, and wants a connection. */
        PERMIT,
        /** It has a connection, be it an idle one or a new one. */
        CONNECTED,
        /** The request is written. */
        SENT,
        /** The first byte of the answer is there. */
        FIRST_BYTE,
        /** The answer is read and checked, or the call has failed. */
        ENDED
    }

    private final long originNanos;
    private final Map<Stage, Duration> reached = new EnumMap<>(Stage.class);

    /** Times that count from the moment when {@code context}'s request began. */
    public CallTimes(CallContext context) {
        this.originNanos = context.begunNanos();
    }

    void mark(Stage stage) {
        reached.put(stage, Duration.ofNanos(System.nanoTime() - originNanos));
    }

    /** Forgets a stage: the call takes it once more. */
    void unmark(Stage stage) {
        reached.remove(stage);
    }

    /** When the call came to {@code stage}, from the beginning of its request; null if it never did. */
    public @Nullable Duration at(Stage stage) {
        return reached.get(stage);
    }
}
