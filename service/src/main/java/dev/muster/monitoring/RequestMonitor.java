package dev.muster.monitoring;

import dev.muster.backend.BackendCall;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Outcome;
import dev.muster.http.Exchange;
import dev.muster.http.RequestObserver;
import dev.muster.lifecycle.InFlight;
import dev.muster.metrics.RequestMetrics;
import dev.muster.problem.RequestRejected;
import dev.muster.request.RequestHead;
import dev.muster.request.RequestTerms;

/** Records the requests of the main port: in flight, in metrics, among the recent ones, and in the log. */
public final class RequestMonitor implements RequestObserver {
    private final RequestMetrics metrics;
    private final InFlight inFlight;
    private final RecentRequests recentRequests;
    private final AccessLog log;

    public RequestMonitor(RequestMetrics metrics, InFlight inFlight, RecentRequests recentRequests, AccessLog log) {
        this.metrics = metrics;
        this.inFlight = inFlight;
        this.recentRequests = recentRequests;
        this.log = log;
    }

    @Override
    public void begins(Exchange exchange) {
        inFlight.add(exchange);
    }

    @Override
    public void ends(Exchange exchange, int status) {
        inFlight.remove(exchange);
        RequestHead head = exchange.head();
        metrics.ends(head.method(), exchange.route(), status, head.elapsedNanos());
        switch (exchange.outcome().failure()) {
            case RequestRejected.TooManyRequests _ -> metrics.rejected("max-requests");
            case RequestRejected.TurnTooLate _ -> metrics.rejected("deadline");
            case null, default -> {
                // not rejected for load
            }
        }
        RequestTerms terms = exchange.terms();
        if (terms != null) {
            terms.ignored().forEach(metrics::deadlineIgnored);
            if (exchange.isBatch()) {
                metrics.batchEnds(exchange.outcome().word());
            } else {
                profileEnds(exchange, terms, status);
            }
        }
        log.ends(exchange, status);
    }

    private void profileEnds(Exchange exchange, RequestTerms terms, int status) {
        String outcome = exchange.outcome().word();
        metrics.profileEnds(outcome, terms.limit().toNanos());
        if (terms.deadline().hasPassed() || exchange.calls().stream().anyMatch(RequestMonitor::ranOutOfTime)) {
            metrics.deadlineReached(terms.deadline().overshoot().toNanos());
        }
        recentRequests.add(
                outcome, exchange.head().elapsedNanos(), () -> RequestTimeline.of(exchange, terms.limit(), status));
    }

    private static boolean ranOutOfTime(BackendCall<?> call) {
        return call.outcome() instanceof Outcome.Cancelled<?> cancelled && cancelled.cause() == Cause.DEADLINE;
    }
}
