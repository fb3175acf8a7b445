package dev.muster.monitoring;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.http.Exchange;
import dev.muster.http.RequestObserver;
import dev.muster.lifecycle.InFlight;
import dev.muster.metrics.Metrics;
import dev.muster.problem.RequestRejected;

/** The account of the requests that the service is there for: in flight, counted, kept to be looked at, logged. */
public final class RequestMonitor implements RequestObserver {
    private final Metrics metrics;
    private final InFlight inFlight;
    private final RecentRequests recentRequests;
    private final AccessLog log;

    public RequestMonitor(Metrics metrics, InFlight inFlight, RecentRequests recentRequests, AccessLog log) {
        this.metrics = metrics;
        this.inFlight = inFlight;
        this.recentRequests = recentRequests;
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
            case RequestRejected.TooManyRequests _ -> metrics.requestRefused("max-requests");
            case RequestRejected.TurnTooLate _ -> metrics.requestRefused("deadline");
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
            recentRequests.add(exchange.outcome(), exchange.elapsedNanos(), () -> RequestTimeline.of(exchange, status));
        }
        exchange.ignoredDeadlines().forEach(metrics::deadlineIgnored);
        log.ends(exchange, status);
    }
}
