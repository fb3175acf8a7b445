package dev.muster.profile;

import dev.muster.backend.BackendException;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import dev.muster.config.BackendName;
import dev.muster.problem.RequestCancelled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which failure is the answer: the first failure of a needed branch.
 *
 * <p>One exception: a 404 from another backend than user may only mean that the user does not exist. So the user call
 * goes on, and decides: after its 404 the answer is 404, after its 200 the other 404 is a bad response. Immutable.
 *
 * @param needed the branches that an answer needs
 */
record FailurePolicy(Set<String> needed) {
    /** Only this branch knows whether the user exists. */
    private static final String USER = BackendName.USER.label();

    /**
     * The branch whose failure is the answer, by the outcomes so far; null if there is none yet. Later outcomes never
     * turn a decision into none.
     */
    @Nullable
    Branch<?> decisive(List<Branch<?>> branches) {
        Branch<?> first = null;
        Branch<?> firstWaiting = null;
        boolean userExists = false;
        for (Branch<?> branch : branches) {
            switch (branch.outcome()) {
                case null -> {}
                case Outcome.Cancelled<?> _ -> {}
                case Outcome.Success<?> _ -> userExists |= branch.name().equals(USER);
                case Outcome.TimedOut<?> _ -> first = earlierNeeded(first, branch);
                case Outcome.Failed<?> failed -> {
                    if (waitsForUser(branch, failed)) {
                        firstWaiting = earlierNeeded(firstWaiting, branch);
                    } else {
                        first = earlierNeeded(first, branch);
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

    private @Nullable Branch<?> earlierNeeded(@Nullable Branch<?> known, Branch<?> branch) {
        if (!needed.contains(branch.name())) {
            return known;
        }
        return known != null && elapsedNanos(known) <= elapsedNanos(branch) ? known : branch;
    }

    private static long elapsedNanos(Branch<?> branch) {
        Outcome<?> outcome = branch.outcome();
        return outcome == null ? Long.MAX_VALUE : outcome.elapsed().toNanos();
    }

    /**
     * Throws if there can be no answer.
     *
     * @param cause of the cancelled branches
     * @throws BackendException the deciding failure
     * @throws RequestCancelled if the branches were cancelled before there was enough for an answer
     */
    void requireEnough(List<Branch<?>> branches, @Nullable Cause cause) throws BackendException {
        if (cause == Cause.CLIENT_GONE) {
            throw cancelled(cause, branches);
        }
        Branch<?> decisive = decisive(branches);
        if (decisive != null) {
            throw failure(decisive);
        }
        for (Branch<?> branch : branches) {
            // No partial answer from a service that stops: another instance has a complete one.
            boolean isNeeded = needed.contains(branch.name()) || cause == Cause.SHUTDOWN;
            if (isNeeded && !hasYielded(branch)) {
                throw cancelled(Objects.requireNonNull(cause), branches);
            }
        }
    }

    private static boolean hasYielded(Branch<?> branch) {
        return branch.outcome() instanceof Outcome.Success<?>;
    }

    private static RequestCancelled cancelled(Cause cause, List<Branch<?>> branches) {
        String waitedFor = branches.stream()
                .filter(branch -> branch.outcome() instanceof Outcome.Cancelled<?>)
                .map(Branch::name)
                .collect(Collectors.joining(", "));
        String before = " before there was an answer from " + waitedFor + ".";
        return new RequestCancelled(
                cause,
                switch (cause) {
                    case DEADLINE -> "The request's deadline passed" + before;
                    case SHUTDOWN -> "The service is shutting down, and ended the request" + before;
                    case CLIENT_GONE -> "The client left" + before;
                    case SIBLING_FAILED -> "Another id of the batch failed" + before;
                });
    }

    /** The missing parts, after {@link #requireEnough} has passed; null if there are none. */
    static @Nullable List<MissingPart> missing(List<Branch<?>> branches) {
        List<MissingPart> missing = new ArrayList<>();
        for (Branch<?> branch : branches) {
            Outcome<?> outcome = Objects.requireNonNull(branch.outcome());
            if (!hasYielded(branch)) {
                missing.add(MissingPart.of(failure(branch), outcome.elapsed()));
            }
        }
        return missing.isEmpty() ? null : missing;
    }

    /** The failure of {@code branch} for the client, if the user exists. */
    private static BackendException failure(Branch<?> branch) {
        return switch (branch.outcome()) {
            case Outcome.TimedOut<?> _ -> BackendException.TimedOut.byTimeout(branch.name());
            case Outcome.Cancelled<?> _ -> BackendException.TimedOut.byDeadline(branch.name());
            case Outcome.Failed<?> failed ->
                switch (failed.cause()) {
                    case BackendException.NotFound e
                    when waitsForUser(branch, failed) ->
                        new BackendException.BadResponse(e.backend(), "does not know a user that exists", e);
                    case BackendException e -> e;
                    default -> throw new IllegalStateException(branch.name() + " failed", failed.cause());
                };
            case null, default -> throw new IllegalStateException(branch.name() + " has not failed");
        };
    }

    /** The value of a branch; null if it failed. */
    static @Nullable Object value(Branch<?> branch) {
        return branch.outcome() instanceof Outcome.Success<?>(var value, var _) ? value : null;
    }
}
