package dev.muster.http;

import dev.muster.backend.BackendCall;
import dev.muster.backend.CallOutcome;
import dev.muster.connection.GuardedConnection;
import dev.muster.problem.Problem;
import dev.muster.problem.ProblemJson;
import dev.muster.request.RequestBody;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.OutputStream;

/**
 * The one place that sends an answer.
 *
 * <p>HEAD gets the headers of GET, Content-Length included, and no body. Helidon would write the body, and the client
 * would read it as the beginning of the next answer.
 */
public final class ResponseWriter {
    private static final HeaderName SERVER_TIMING = HeaderNames.create("Server-Timing");
    /** Of one metric of it, such as {@code friends;dur=300.002}. */
    private static final int METRIC_LENGTH = 24;

    static final Header PROBLEM_JSON = HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/problem+json");
    public static final Header NO_STORE = HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store");

    private ResponseWriter() {}

    static void send(ServerRequest request, ServerResponse response, Exchange exchange, Problem problem) {
        problem.headers().forEach(response::header);
        response.header(NO_STORE);
        send(
                request,
                response,
                problem.status(),
                PROBLEM_JSON,
                ProblemJson.write(problem, exchange.path(), exchange.requestId()));
    }

    public static void send(
            ServerRequest request, ServerResponse response, int status, Header contentType, byte[] body) {
        begin(request, response, status, contentType);
        Exchange exchange = Exchange.current();
        if (!exchange.calls().isEmpty()) {
            response.header(SERVER_TIMING, serverTiming(exchange));
        }
        if (request.prologue().method().equals(Method.HEAD)) {
            response.header(HeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
            response.send();
        } else {
            response.send(body);
        }
    }

    /**
     * Begins an answer that is written piece by piece: 200, in chunks. Not for HEAD. If the handler throws before it
     * closes the stream, the connection closes without the last chunk, so that the client can tell. The exception is
     * logged as a defect.
     */
    public static OutputStream stream(ServerRequest request, ServerResponse response, Header contentType) {
        begin(request, response, 200, contentType);
        Exchange.current().outcome().answerBegins();
        return response.outputStream();
    }

    private static void begin(ServerRequest request, ServerResponse response, int status, Header contentType) {
        RequestBody.settle(request, response);
        response.status(Status.create(status));
        response.header(contentType);
        if (GuardedConnection.current().isLeaving()) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
    }

    private static String serverTiming(Exchange exchange) {
        StringBuilder line = new StringBuilder(METRIC_LENGTH * (exchange.calls().size() + 1));
        for (BackendCall<?> call : exchange.calls()) {
            line.append(call.backend()).append(";dur=");
            appendMillis(line, call.outcome().elapsed().toNanos());
            String word = CallOutcome.failure(call.outcome());
            if (word != null) {
                line.append(";desc=\"").append(word).append('"');
            }
            line.append(", ");
        }
        line.append("total;dur=");
        appendMillis(line, exchange.head().elapsedNanos());
        return line.toString();
    }

    /** Milliseconds with three decimals; {@code String.format} would cost more than the rest of the line. */
    private static void appendMillis(StringBuilder out, long nanos) {
        long micros = nanos / 1_000;
        long fraction = micros % 1_000;
        out.append(micros / 1_000).append('.');
        if (fraction < 100) {
            out.append('0');
        }
        if (fraction < 10) {
            out.append('0');
        }
        out.append(fraction);
    }
}
