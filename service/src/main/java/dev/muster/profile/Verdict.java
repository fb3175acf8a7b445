package dev.muster.profile;

import dev.muster.backend.BackendException;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which failure is the answer where all branches are wanted: the first.
 *
 * <p>With one exception: a 404 from posts or friends may only mean that they know nothing of a user who does not exist.
 * It leaves the user call running, which has the last word: 404 there is 404; 200 there makes it a bad response.
 */
final class Verdict {
    /** The branch that knows whether the user exists. */
    static final String USER = "user";

    private Verdict() {}

    /**
     * The branch whose failure is the answer, as far as those that have ended can tell; null as long as there is none.
     * Once there is one, more outcomes never take that back.
     */
    static @Nullable Branch<?> decisive(List<Branch<?>> branches) {
        Branch<?> first = null;
        Branch<?> firstWaiting = null;
        boolean userExists = false;
        for (Branch<?> branch : branches) {
            switch (branch.outcome()) {
                case null -> {}
                case Outcome.Cancelled<?> _ -> {}
                case Outcome.Success<?> _ -> userExists |= branch.name().equals(USER);
                case Outcome.TimedOut<?> _ -> first = earlier(first, branch);
                case Outcome.Failed<?> failed -> {
                    if (waitsForUser(branch, failed)) {
                        firstWaiting = earlier(firstWaiting, branch);
                    } else {
                        first = earlier(first, branch);
                    }
                }
            }
        }
        return first != null || !userExists ? first : firstWaiting;
    }

    private static boolean waitsForUser(Branch<?> branch, Outcome.Failed<?> failed) {
        return failed.cause() instanceof BackendException.NotFound
                && !branch.name().equals(USER);
    }

    private static Branch<?> earlier(@Nullable Branch<?> known, Branch<?> branch) {
        return known != null && elapsedNanos(known) <= elapsedNanos(branch) ? known : branch;
    }

    private static long elapsedNanos(Branch<?> branch) {
        Outcome<?> outcome = branch.outcome();
        return outcome == null ? Long.MAX_VALUE : outcome.elapsed().toNanos();
    }

    /** What a decisive branch's failure is to the client. */
    static BackendException failure(Branch<?> decisive) {
        return switch (decisive.outcome()) {
            case Outcome.TimedOut<?> _ -> new BackendException.TimedOut(decisive.name());
            case Outcome.Failed<?> failed ->
                switch (failed.cause()) {
                    case BackendException.NotFound e
                    when waitsForUser(decisive, failed) ->
                        new BackendException.BadResponse(e.backend(), "does not know a user that exists", e);
                    case BackendException e -> e;
                    default -> throw new IllegalStateException(decisive.name() + " failed", failed.cause());
                };
            case null, default -> throw new IllegalStateException(decisive.name() + " has not failed");
        };
    }

    /** What a branch yielded, where no failure was decisive. */
    static <T> T value(Branch<T> branch) {
        if (branch.outcome() instanceof Outcome.Success<T>(T value, var _)) {
            return value;
        }
        throw new IllegalStateException(branch.name() + " yielded nothing: " + branch.outcome());
    }
}
