package dev.muster.http;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.lifecycle.InFlight;
import dev.muster.metrics.Metrics;

/** The account of the requests that the service is there for: in flight, counted, kept to be looked at, logged. */
public final class RequestAccount implements RequestRecorder {
    private final Metrics metrics;
    private final InFlight inFlight;
    private final RequestHistory history;
    private final RequestLog log;

    public RequestAccount(Metrics metrics, InFlight inFlight, RequestHistory history, RequestLog log) {
        this.metrics = metrics;
        this.inFlight = inFlight;
        this.history = history;
        this.log = log;
    }

    @Override
    public void begins(Exchange exchange) {
        metrics.requestBegins();
        inFlight.add(exchange);
    }

    @Override
    public void ends(Exchange exchange, int status) {
        inFlight.remove(exchange);
        metrics.requestEnds(exchange.method(), exchange.route(), status, exchange.elapsedNanos());
        switch (exchange.failure()) {
            case RequestRejected.NoRoom _ -> metrics.requestRefused("max-requests");
            case RequestRejected.TooLate _ -> metrics.requestRefused("deadline");
            case null, default -> {
                // it was served
            }
        }
        Deadline deadline = exchange.deadline();
        if (exchange.isBatch()) {
            metrics.batchEnds(exchange.outcome());
        } else if (deadline != null) {
            metrics.profileEnds(exchange.outcome(), exchange.deadlineOnArrival().toNanos());
            if (exchange.cancelledBy() == Cause.DEADLINE || deadline.hasPassed()) {
                metrics.deadlineReached(deadline.overshoot().toNanos());
            }
            history.add(exchange, status);
        }
        exchange.ignoredDeadlines().forEach(metrics::deadlineIgnored);
        log.ends(exchange, status);
    }
}
