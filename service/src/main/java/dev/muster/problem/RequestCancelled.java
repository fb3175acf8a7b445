package dev.muster.problem;

import dev.muster.concurrent.Cancellation.Cause;

/**
 * A request whose calls were ended from outside before its answer was there. Features throw it; {@link ProblemTable} turns
 * it into an answer. No failure of a backend: those have exceptions of their own.
 *
 * <p>An expected result, so it carries no stack trace.
 */
public final class RequestCancelled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Cause why;

    /**
     * A cancelled request.
     *
     * @param why {@link Cause#SIBLING_FAILED} only of a batch's item: else the failure is the answer
     * @param detail what a client is told
     */
    public RequestCancelled(Cause why, String detail) {
        super(detail, null, false, false);
        this.why = why;
    }

    /** What ended it. */
    public Cause why() {
        return why;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
