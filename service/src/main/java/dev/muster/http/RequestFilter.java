package dev.muster.http;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.connection.GuardedConnection;
import dev.muster.problem.RequestRejected;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** What surrounds every request: its id, its exchange, and the record of its beginning and end. */
final class RequestFilter implements Filter {
    static final HeaderName X_REQUEST_ID = HeaderNames.create("X-Request-Id");

    /** What nginx logs, and everybody since, where nobody was there any more to answer to. */
    private static final int CLIENT_GONE = 499;

    private final RequestObserver observer;

    RequestFilter(RequestObserver observer) {
        this.observer = observer;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Exchange exchange =
                new Exchange(request.prologue().method().text(), request.path().rawPath(), request.headers());
        ScopedValue.where(Exchange.CURRENT, exchange).run(() -> serve(exchange, chain, response));
    }

    private void serve(Exchange exchange, FilterChain chain, RoutingResponse response) {
        GuardedConnection connection = GuardedConnection.current();
        connection.serving(() -> exchange.cancellation().cancel(Cause.CLIENT_GONE));
        response.header(X_REQUEST_ID, exchange.requestId());
        observer.begins(exchange);
        try {
            chain.proceed();
        } catch (CloseConnectionException e) {
            if (!exchange.isBrokenOff()) {
                exchange.clientHasGone();
            }
            throw e;
        } finally {
            connection.served();
            if (exchange.failure() instanceof RequestRejected.Overloaded) {
                connection.rejectedForLoad();
            }
            observer.ends(exchange, status(exchange, response));
        }
    }

    /** The status that was sent; or what it would have been, had that been known in time. */
    private static int status(Exchange exchange, RoutingResponse response) {
        if (exchange.isBrokenOff()) {
            return Status.INTERNAL_SERVER_ERROR_500.code();
        }
        return exchange.clientGone() ? CLIENT_GONE : response.status().code();
    }
}
