package dev.muster.monitoring;

import dev.muster.backend.BackendCall;
import dev.muster.backend.CallOutcome;
import dev.muster.http.BatchCounts;
import dev.muster.http.Exchange;
import dev.muster.http.RequestObserver;
import dev.muster.http.RequestOutcome;
import dev.muster.logging.LogFields;
import dev.muster.problem.Problem;
import dev.muster.request.RequestHead;
import dev.muster.request.RequestTerms;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Writes one log line for each request: the request, its answer, its time, and what each backend call did. */
public final class AccessLog implements RequestObserver {
    private static final Logger LOG = Logger.getLogger("dev.muster.access");

    private final Level level;

    /** A log with lines of {@code level}; probes of the admin port are not worth INFO. */
    public AccessLog(Level level) {
        this.level = level;
    }

    @Override
    public void ends(Exchange exchange, int status) {
        boolean defect = status == 500;
        Level lineLevel = defect ? Level.SEVERE : level;
        if (!LOG.isLoggable(lineLevel)) {
            return;
        }
        RequestHead head = exchange.head();
        RequestOutcome outcome = exchange.outcome();
        Throwable failure = outcome.failure();
        LogFields fields = new LogFields()
                .add("method", head.method())
                .add("path", head.path())
                .add("status", status)
                .addMillis("durationMs", head.elapsedNanos())
                .add("requestId", head.requestId())
                .add("traceId", head.trace().traceId());
        RequestTerms terms = exchange.terms();
        if (terms != null) {
            // A failure has its problem, and a complete answer needs no word.
            fields.add("outcome", outcome.isPartial() || outcome.clientGone() ? outcome.word() : null)
                    .addMillis("deadlineMs", terms.limit().toNanos());
        }
        for (BackendCall<?> call : exchange.calls()) {
            fields.addMillis(call.backend() + "Ms", call.outcome().elapsed().toNanos());
            fields.add(call.backend(), CallOutcome.failure(call.outcome()));
        }
        BatchCounts counts = outcome.counts();
        if (counts != null) {
            fields.add("requested", counts.requested())
                    .add("distinct", counts.distinct())
                    .add("succeeded", counts.succeeded())
                    .add("partial", counts.partial())
                    .add("failed", counts.failed())
                    .add("notAttempted", counts.notAttempted())
                    .add("endedBy", counts.cause());
        }
        Problem problem = outcome.problem();
        if (problem != null) {
            fields.add("problem", problem.type().slug()).add("detail", problem.detail());
            fields.add("exception", defect ? null : rootCause(failure));
        }
        LOG.log(fields.record(lineLevel, LOG.getName(), "request", defect ? failure : null));
    }

    /** The root cause in a line, such as a refused connection; the problem's detail does not tell it to clients. */
    private static @Nullable String rootCause(@Nullable Throwable failure) {
        Throwable cause = failure == null ? null : failure.getCause();
        if (cause == null) {
            return null;
        }
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
