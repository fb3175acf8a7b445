package dev.muster.problem;

import dev.muster.concurrent.Cancellation.Cause;

/**
 * The calls of a request were cancelled before its answer was complete. Features throw it; {@link ProblemTable} turns
 * it into a problem. Failures of backends have exceptions of their own.
 *
 * <p>An expected result, so it has no stack trace.
 */
public final class RequestCancelled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Cause why;

    /**
     * A cancelled request.
     *
     * @param why {@link Cause#SIBLING_FAILED} only for an id of a batch; otherwise the failure itself is the answer
     * @param detail the words for the client
     */
    public RequestCancelled(Cause why, String detail) {
        super(detail, null, false, false);
        this.why = why;
    }

    public Cause why() {
        return why;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
