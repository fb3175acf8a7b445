package dev.muster.http;

import dev.muster.backend.BackendCall;
import dev.muster.backend.CallOutcome;
import dev.muster.logging.LogFields;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Writes one line per request: what was asked, what was answered, how long it took and what each branch did. */
public final class RequestLog implements RequestRecorder {
    private static final Logger LOG = Logger.getLogger("dev.muster.access");

    private final Level level;

    /** A log whose lines have {@code level}; the admin port's probes are not worth INFO. */
    public RequestLog(Level level) {
        this.level = level;
    }

    @Override
    public void begins(Exchange exchange) {
        // The line is written at the end.
    }

    @Override
    public void ends(Exchange exchange, int status) {
        Throwable failure = exchange.failure();
        boolean defect = status == 500;
        Level lineLevel = defect ? Level.SEVERE : level;
        if (!LOG.isLoggable(lineLevel)) {
            return;
        }
        LogFields fields = new LogFields()
                .add("method", exchange.method())
                .add("path", exchange.path())
                .add("status", status)
                .addMillis("durationMs", exchange.elapsedNanos())
                .add("requestId", exchange.requestId())
                .add("traceId", exchange.traceId());
        if (exchange.deadline() != null) {
            // A failure has its problem instead, and success goes without saying.
            fields.add("outcome", exchange.isPartial() || exchange.clientGone() ? exchange.outcome() : null)
                    .addMillis("deadlineMs", exchange.deadlineOnArrival().toNanos());
        }
        for (BackendCall<?> call : exchange.calls()) {
            fields.addMillis(call.backend() + "Ms", call.outcome().elapsed().toNanos());
            fields.add(call.backend(), CallOutcome.failure(call.outcome()));
        }
        Tally tally = exchange.tally();
        if (tally != null) {
            fields.add("requested", tally.requested())
                    .add("distinct", tally.distinct())
                    .add("succeeded", tally.succeeded())
                    .add("partial", tally.partial())
                    .add("failed", tally.failed())
                    .add("notAttempted", tally.notAttempted())
                    .add("endedBy", tally.cause());
        }
        Problem problem = exchange.problem();
        if (problem != null) {
            fields.add("problem", problem.type().slug()).add("detail", problem.detail());
            fields.add("cause", defect ? null : rootCause(failure));
        }
        LOG.log(fields.record(lineLevel, LOG.getName(), "request", defect ? failure : null));
    }

    /** The deepest cause in a line, such as a connection refused; the problem's detail keeps that from clients. */
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
