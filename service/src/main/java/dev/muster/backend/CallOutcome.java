package dev.muster.backend;

import dev.muster.concurrent.Outcome;
import org.jspecify.annotations.Nullable;

/** The outcome of a backend call in one word, the same in logs, headers and metrics. */
public final class CallOutcome {
    public static final String SUCCESS = "success";

    private CallOutcome() {}

    public static String word(Outcome<?> outcome) {
        return switch (outcome) {
            case Outcome.Success<?> _ -> SUCCESS;
            case Outcome.TimedOut<?> _ -> "timed-out";
            case Outcome.Cancelled<?> _ -> "cancelled";
            case Outcome.Failed<?> failed -> failed.cause() instanceof BackendException e ? word(e) : "defect";
        };
    }

    /** The word for any outcome but a success, null for that. A cancelled call's word comes with the cause. */
    public static @Nullable String failure(Outcome<?> outcome) {
        return switch (outcome) {
            case Outcome.Success<?> _ -> null;
            case Outcome.Cancelled<?> cancelled ->
                "cancelled: " + cancelled.cause().word();
            default -> word(outcome);
        };
    }

    private static String word(BackendException e) {
        return switch (e) {
            case BackendException.TimedOut _ -> "timed-out";
            case BackendException.Unavailable _ -> "unavailable";
            case BackendException.Overloaded _ -> "rejected";
            case BackendException.BadResponse _ -> "bad-response";
            case BackendException.NotFound _ -> "not-found";
            case BackendException.Denied _ -> "denied";
        };
    }
}
