package dev.muster.bulk;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.problem.BatchItemProblem;
import dev.muster.problem.RequestCancelled;
import org.jspecify.annotations.Nullable;

/** The result of one item: a profile or a problem. Immutable, if nobody writes to its bytes. */
final class ItemResult {
    private final int item;
    private final String outcome;
    private final int status;
    private final boolean complete;
    private final byte[] json;
    private final @Nullable Throwable failure;

    private ItemResult(
            int item, String outcome, int status, boolean complete, byte[] json, @Nullable Throwable failure) {
        this.item = item;
        this.outcome = outcome;
        this.status = status;
        this.complete = complete;
        this.json = json;
        this.failure = failure;
    }

    static ItemResult of(int item, ProfileSource.Fetched fetched) {
        String outcome = fetched.complete() ? "complete" : "partial";
        return new ItemResult(item, outcome, 200, fetched.complete(), fetched.json(), null);
    }

    static ItemResult failed(int item, Throwable failure) {
        BatchItemProblem problem = BatchItemProblem.of(failure);
        return new ItemResult(item, outcome(failure, problem), problem.status(), false, problem.json(), failure);
    }

    private static String outcome(Throwable failure, BatchItemProblem problem) {
        if (failure instanceof RequestCancelled cancelled) {
            Cause why = cancelled.why();
            if (why == Cause.CLIENT_GONE || why == Cause.SIBLING_FAILED) {
                // No client sees this result, so its outcome is the cause, not a problem.
                return why.word();
            }
        }
        return problem.slug();
    }

    int item() {
        return item;
    }

    /** complete, partial, the problem's name, or the cause of a cancellation that no client sees. */
    String outcome() {
        return outcome;
    }

    int status() {
        return status;
    }

    boolean complete() {
        return complete;
    }

    byte[] json() {
        return json;
    }

    /** The reason for the problem; null where there is a profile. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** The part of its memory whose size depends on the backends. */
    int bytes() {
        return json.length;
    }
}
