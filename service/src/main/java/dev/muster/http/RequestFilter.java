package dev.muster.http;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.connection.GuardedConnection;
import dev.muster.problem.RequestRejected;
import dev.muster.request.RequestHead;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** Surrounds every request: makes its exchange, and tells the observer when it begins and ends. */
final class RequestFilter implements Filter {
    private final RequestObserver observer;

    RequestFilter(RequestObserver observer) {
        this.observer = observer;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Exchange exchange = new Exchange(RequestHead.of(
                request.prologue().method().text(), request.path().rawPath(), request.headers()));
        ScopedValue.where(Exchange.CURRENT, exchange).run(() -> serve(exchange, chain, response));
    }

    private void serve(Exchange exchange, FilterChain chain, RoutingResponse response) {
        GuardedConnection connection = GuardedConnection.current();
        connection.serving(() -> exchange.cancellation().cancel(Cause.CLIENT_GONE));
        response.header(RequestHead.X_REQUEST_ID, exchange.requestId());
        observer.begins(exchange);
        try {
            chain.proceed();
        } catch (CloseConnectionException e) {
            exchange.outcome().connectionCloses();
            throw e;
        } finally {
            connection.served();
            if (exchange.outcome().failure() instanceof RequestRejected.Overloaded) {
                connection.rejectedForLoad();
            }
            observer.ends(exchange, exchange.outcome().status(response.status().code()));
        }
    }
}
