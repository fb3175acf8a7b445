package dev.muster.problem;

/**
 * A batch that is refused because one of its ids failed, which is the answer. {@link ProblemTable} turns it into that id's
 * problem, saying which it was.
 *
 * <p>An expected result, so it carries no stack trace of its own.
 */
public final class BatchItemFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int index;
    private final String id;

    /**
     * The failure of one id.
     *
     * @param index where in the request's list the id stands, first
     */
    public BatchItemFailed(int index, String id, Throwable failure) {
        super("an id of the batch failed", failure, false, false);
        this.index = index;
        this.id = id;
    }

    int index() {
        return index;
    }

    String id() {
        return id;
    }
}
