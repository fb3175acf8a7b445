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
 * A path, the methods that go with it, and what holds for every answer from it.
 *
 * @param path a Helidon path pattern, which is also the route's name in metrics
 * @param methods those that are allowed
 * @param consumed the media type that a body must have; null where a body means nothing and is thrown away
 * @param offered the media types that it can be sent as, the preferred one first
 * @param headers what every answer carries, problems included
 * @param handler answers through {@link ResponseWriter}
 */
public record Endpoint(
        String path,
        List<Method> methods,
        @Nullable String consumed,
        List<String> offered,
        List<Header> headers,
        Handler handler) {

    /** Answers a request in the media type that was negotiated. */
    @FunctionalInterface
    public interface Handler {
        void answer(ServerRequest request, ServerResponse response, String mediaType) throws Exception;
    }

    /** A path that can be read: GET and HEAD, which {@code handler} need not tell apart. */
    public static Endpoint get(String path, List<String> offered, List<Header> headers, Handler handler) {
        return new Endpoint(path, List.of(Method.GET, Method.HEAD), null, offered, headers, handler);
    }

    /** A path that bodies of the media type {@code consumed} are posted to; {@link RequestBody#read} has them. */
    public static Endpoint post(
            String path, String consumed, List<String> offered, List<Header> headers, Handler handler) {
        return new Endpoint(path, List.of(Method.POST), consumed, offered, headers, handler);
    }

    /**
     * Adds the path to {@code routing}, for any method: for those that are not allowed it answers 405.
     *
     * @param room for the requests that are served at once; one that finds none is refused at once
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
            // Not left to Helidon: it takes any exception that a SocketException caused for its own client's end.
            ErrorAnswers.answer(request, response, e);
        }
    }

    /** Takes room for what is worked on only: a client that dribbles a body which nobody wants takes none. */
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

    /** Breaks the answer off where there is a defect in its midst: too late for a 500, and never to be taken for whole. */
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
