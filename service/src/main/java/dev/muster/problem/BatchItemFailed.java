package dev.muster.problem;

/**
 * Rejects a batch because one of its ids failed. {@link ProblemTable} turns it into that id's problem, with the id and
 * its position.
 *
 * <p>An expected result, so it has no stack trace of its own.
 */
public final class BatchItemFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int index;
    private final String id;

    /**
     * The failure of one id.
     *
     * @param index the first position of the id in the request's list
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
