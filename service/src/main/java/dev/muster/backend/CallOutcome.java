package dev.muster.backend;

import dev.muster.concurrent.Outcome;
import org.jspecify.annotations.Nullable;

/** What became of a backend call, in the one word that logs, headers and metrics share. */
public final class CallOutcome {
    public static final String SUCCESS = "success";

    private CallOutcome() {}

    /** The word for {@code outcome}, {@link #SUCCESS} among them. */
    public static String word(Outcome<?> outcome) {
        return switch (outcome) {
            case Outcome.Success<?> _ -> SUCCESS;
            case Outcome.TimedOut<?> _ -> "timed-out";
            case Outcome.Cancelled<?> _ -> "cancelled";
            case Outcome.Failed<?> failed -> failed.cause() instanceof BackendException e ? word(e) : "defect";
        };
    }

    /** The word for anything but a success, which goes without saying; for a cancelled call with its cause. */
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
