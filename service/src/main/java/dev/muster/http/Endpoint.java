package dev.muster.http;

import dev.muster.backend.BackendException;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.problem.BatchItemFailed;
import dev.muster.problem.ProblemTable;
import dev.muster.problem.RequestCancelled;
import dev.muster.problem.RequestRejected;
import dev.muster.request.Accept;
import dev.muster.request.RequestBody;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A path with its methods, its media types and its handler.
 *
 * @param path a Helidon path pattern, and the route's name in metrics
 * @param methods the allowed methods
 * @param consumed the media type of a body; null if a body has no meaning and is discarded
 * @param offered the media types of the answer, the preferred one first
 * @param headers of every answer, problems included
 * @param handler answers through {@link ResponseWriter}
 */
public record Endpoint(
        String path,
        List<Method> methods,
        @Nullable String consumed,
        List<String> offered,
        List<Header> headers,
        Handler handler) {

    /** Answers a request in the negotiated media type. */
    @FunctionalInterface
    public interface Handler {
        void answer(ServerRequest request, ServerResponse response, String mediaType) throws Exception;
    }

    /** A path to read, by GET and HEAD; {@code handler} need not distinguish them. */
    public static Endpoint get(String path, List<String> offered, List<Header> headers, Handler handler) {
        return new Endpoint(path, List.of(Method.GET, Method.HEAD), null, offered, headers, handler);
    }

    /** A path for POST; {@code handler} gets the body by {@link RequestBody#read}. */
    public static Endpoint post(
            String path, String consumed, List<String> offered, List<Header> headers, Handler handler) {
        return new Endpoint(path, List.of(Method.POST), consumed, offered, headers, handler);
    }

    /**
     * Adds the path to {@code routing}, for any method: those that are not allowed get 405.
     *
     * @param room a permit for each request that is served; a request that finds none is rejected
     */
    public void register(HttpRouting.Builder routing, Semaphore room) {
        routing.any(path, (request, response) -> serve(request, response, room));
    }

    private void serve(ServerRequest request, ServerResponse response, Semaphore room) throws Exception {
        Exchange.current().route(path);
        headers.forEach(response::header);
        try {
            Method method = request.prologue().method();
            if (!methods.contains(method)) {
                throw RequestRejected.method(method, allow());
            }
            String mediaType = Accept.choose(request.headers(), offered);
            if (consumed == null) {
                RequestBody.discard(request);
            } else {
                requireMediaType(consumed);
            }
            serveIn(room, request, response, mediaType);
        } catch (RequestCancelled e) {
            if (e.why() == Cause.CLIENT_GONE) {
                throw new CloseConnectionException("the client has gone", e);
            }
            ErrorAnswers.answer(request, response, e);
        } catch (BackendException | RequestRejected | BatchItemFailed e) {
            // Not left to Helidon, which takes a SocketException of a backend for the end of its own client.
            ErrorAnswers.answer(request, response, e);
        }
    }

    /** Takes a permit only now: a client that slowly sends a body without meaning needs none. */
    private void serveIn(Semaphore room, ServerRequest request, ServerResponse response, String mediaType)
            throws Exception {
        if (!room.tryAcquire()) {
            throw new RequestRejected.TooManyRequests();
        }
        try {
            answer(request, response, mediaType);
        } finally {
            room.release();
        }
    }

    /** Breaks the answer off if the handler fails in its middle: too late for a 500, but never to be taken as whole. */
    private void answer(ServerRequest request, ServerResponse response, String mediaType) throws Exception {
        RequestOutcome outcome = Exchange.current().outcome();
        try {
            handler.answer(request, response, mediaType);
        } catch (CloseConnectionException e) {
            throw e;
        } catch (Exception | Error e) {
            boolean clientGone = e instanceof RequestCancelled cancelled && cancelled.why() == Cause.CLIENT_GONE;
            if (clientGone || !outcome.hasBegun()) {
                throw e;
            }
            outcome.breaksOff(ProblemTable.ofStatus(500), e);
            throw new CloseConnectionException("an answer that has begun cannot be ended", e);
        }
    }

    private String allow() {
        return methods.stream().map(Method::text).collect(Collectors.joining(", "));
    }

    private static void requireMediaType(String consumed) {
        List<String> types = Exchange.current().head().headerValues(HeaderNames.CONTENT_TYPE);
        // A parameter such as charset changes nothing: JSON is UTF-8 (RFC 8259 section 8.1).
        if (types.size() != 1 || !mediaType(types.getFirst()).equalsIgnoreCase(consumed)) {
            throw new RequestRejected.UnsupportedMediaType(consumed);
        }
    }

    private static String mediaType(String contentType) {
        int parameters = contentType.indexOf(';');
        return (parameters < 0 ? contentType : contentType.substring(0, parameters)).strip();
    }
}
