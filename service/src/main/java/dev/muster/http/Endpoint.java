package dev.muster.http;

import dev.muster.backend.BackendException;
import dev.muster.concurrent.Cancellation.Cause;
import io.helidon.http.Header;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/**
 * A path that can be read with GET and HEAD, and what holds for every answer from it.
 *
 * @param path a Helidon path pattern, which is also the route's name in metrics
 * @param offered the media types that it can be sent as, the preferred one first
 * @param headers what every answer carries, problems included
 * @param handler answers GET and HEAD alike, through {@link ResponseWriter}
 */
public record Endpoint(String path, List<String> offered, List<Header> headers, Reader handler) {
    private static final String ALLOW = "GET, HEAD";

    /** Answers a request in the media type that was negotiated. */
    @FunctionalInterface
    public interface Reader {
        void read(ServerRequest request, ServerResponse response, String mediaType) throws Exception;
    }

    /** Adds the path to {@code routing}: for GET and HEAD the handler, for any other method 405. */
    public void register(HttpRouting.Builder routing) {
        routing.any(path, this::serve);
    }

    private void serve(ServerRequest request, ServerResponse response) throws Exception {
        Exchange.current().route(path);
        headers.forEach(response::header);
        try {
            Method method = request.prologue().method();
            if (!method.equals(Method.GET) && !method.equals(Method.HEAD)) {
                throw RequestRejected.method(method, ALLOW);
            }
            handler.read(request, response, Accept.choose(request.headers(), offered));
        } catch (RequestCancelled e) {
            if (e.why() == Cause.CLIENT_GONE) {
                Exchange.current().clientHasGone();
                throw new CloseConnectionException("the client has gone", e);
            }
            ErrorAnswers.answer(request, response, e);
        } catch (BackendException | RequestRejected e) {
            // Not left to Helidon: it takes any exception that a SocketException caused for its own client's end.
            ErrorAnswers.answer(request, response, e);
        }
    }
}
