package dev.muster.http;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.problem.Problem;
import dev.muster.problem.ProblemType;
import org.jspecify.annotations.Nullable;

/** What comes of a request: a complete or partial answer, a problem, or a client that has gone. For one thread. */
public final class RequestOutcome {
    /** The status that nginx logs, and many servers since, for a client that went before its answer. */
    private static final int CLIENT_GONE = 499;

    private boolean partial;
    private @Nullable BatchCounts counts;
    private @Nullable Problem problem;
    private @Nullable Throwable failure;
    private boolean begun;
    private boolean brokenOff;
    private boolean clientGone;

    /** The answer is good, but lacks something. */
    public void partial() {
        partial = true;
    }

    public boolean isPartial() {
        return partial;
    }

    public void batchEnds(BatchCounts ended) {
        counts = ended;
        partial = !ended.complete();
    }

    /** Null if the request is no batch, or its batch never began. */
    public @Nullable BatchCounts counts() {
        return counts;
    }

    void failed(Problem why, @Nullable Throwable exception) {
        problem = why;
        failure = exception;
    }

    /** A part of the answer is sent, so its status cannot change any more. */
    void answerBegins() {
        begun = true;
    }

    boolean hasBegun() {
        return begun;
    }

    /** The answer stops in the middle, for a problem that the client can no longer be told. */
    void breaksOff(Problem why, Throwable exception) {
        failed(why, exception);
        brokenOff = true;
    }

    /** The connection closes before the answer has ended: the client has gone, unless we broke the answer off. */
    void connectionCloses() {
        clientGone = !brokenOff;
    }

    public boolean clientGone() {
        return clientGone;
    }

    public @Nullable Problem problem() {
        return problem;
    }

    /** The exception that is the problem; null if Helidon found the problem. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** The status to record: {@code sent}, unless it was sent too early to be true. */
    int status(int sent) {
        if (brokenOff) {
            return 500;
        }
        return clientGone ? CLIENT_GONE : sent;
    }

    boolean isShutdown() {
        Problem failed = problem;
        BatchCounts counted = counts;
        return (failed != null && failed.type() == ProblemType.DRAINING)
                || (counted != null && Cause.SHUTDOWN.word().equals(counted.cause()));
    }

    /** In a word: complete, partial, or what went wrong. */
    public String word() {
        if (clientGone) {
            return Cause.CLIENT_GONE.word();
        }
        Problem failed = problem;
        return failed != null ? failed.type().slug() : partial ? "partial" : "complete";
    }
}
