package dev.muster.http;

import dev.muster.connection.GuardedConnection;
import dev.muster.connection.HttpViolation;
import dev.muster.problem.ParserErrors;
import dev.muster.problem.Problem;
import dev.muster.problem.ProblemJson;
import dev.muster.problem.ProblemTable;
import dev.muster.problem.RequestRejected;
import dev.muster.request.RequestHead;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.regex.Pattern;

/**
 * Answers every error with a problem: an exception of a handler, or an error of Helidon, which may come before any
 * filter or route has run.
 */
final class ErrorAnswers implements DirectHandler {
    /** If Helidon does not know the version, it reports the whole request line as the version. */
    private static final Pattern OTHER_VERSION = Pattern.compile("[^ ]+ [^ ]+ HTTP/[0-9](\\.[0-9])?/");

    private final RequestObserver observer;

    ErrorAnswers(RequestObserver observer) {
        this.observer = observer;
    }

    /** This handler, for all errors of Helidon. */
    DirectHandlers directHandlers() {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (EventType type : EventType.values()) {
            handlers.addHandler(type, this);
        }
        return handlers.build();
    }

    /** Answers an exception of a handler or a filter. */
    static void answer(ServerRequest request, ServerResponse response, Throwable thrown) {
        Exchange exchange = Exchange.current();
        Problem problem = ProblemTable.of(thrown);
        exchange.outcome().failed(problem, thrown);
        ResponseWriter.send(request, response, exchange, problem);
    }

    @Override
    public TransportResponse handle(
            TransportRequest request, EventType type, Status status, ServerResponseHeaders headers, String message) {
        if (Exchange.CURRENT.isBound()) {
            Exchange exchange = Exchange.current();
            Problem problem = ofStatus(status.code(), ParserErrors.saying(message));
            exchange.outcome().failed(problem, null);
            return response(problem, status, exchange, type.keepAlive());
        }
        Problem problem = beforeRouting(request, type, status, message);
        Exchange exchange = new Exchange(RequestHead.of(request.method(), request.path(), request.headers()));
        exchange.outcome().failed(problem, null);
        observer.begins(exchange);
        observer.ends(exchange, problem.status());
        return response(problem, status, exchange, type.keepAlive());
    }

    private static Problem beforeRouting(TransportRequest request, EventType type, Status status, String message) {
        if (OTHER_VERSION.matcher(request.protocolVersion()).matches()) {
            return ProblemTable.ofStatus(505);
        }
        if (status.code() == 503 && GuardedConnection.current().isClosing()) {
            return ProblemTable.of(new RequestRejected.ShuttingDown());
        }
        // No code of ours has run. An internal error is one of Helidon's parser then, caused by the request: for
        // example by a method that is not a token.
        return ofStatus(
                type == EventType.INTERNAL_ERROR ? 400 : status.code(), ParserErrors.of(request, type, message));
    }

    /** The problem for a violation if the status fits it; any other status has a problem of its own. */
    private static Problem ofStatus(int status, HttpViolation why) {
        return why.status() == status ? ProblemTable.of(why) : ProblemTable.ofStatus(status);
    }

    private static TransportResponse response(Problem problem, Status status, Exchange exchange, boolean keepAlive) {
        TransportResponse.Builder response = TransportResponse.builder()
                .status(status.code() == problem.status() ? status : Status.create(problem.status()))
                .keepAlive(keepAlive)
                .header(ResponseWriter.PROBLEM_JSON)
                .header(ResponseWriter.NO_STORE)
                .header(HeaderValues.create(RequestHead.X_REQUEST_ID, exchange.requestId()));
        problem.headers().forEach(response::header);
        // A body after HEAD would be read as the beginning of the next answer.
        if (!exchange.method().equals("HEAD")) {
            response.entity(ProblemJson.write(problem, exchange.path(), exchange.requestId()));
        }
        return response.build();
    }
}
