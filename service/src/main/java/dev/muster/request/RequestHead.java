package dev.muster.request;

import dev.muster.backend.CallClass;
import dev.muster.backend.CallContext;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The head of a request, and when it was read. Immutable, but only the request's own thread may read the headers:
 * Helidon parses a value when it is first asked for.
 *
 * @param begunNanos when it was read, by {@link System#nanoTime()}
 * @param path as sent, not decoded and without the query; empty if none was read
 * @param requestId the client's, if it is valid; else a new one
 */
public record RequestHead(
        long begunNanos, String method, String path, Headers headers, String requestId, TraceContext trace) {
    public static final HeaderName X_REQUEST_ID = HeaderNames.create("X-Request-Id");
    private static final Pattern VALID_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** A head that has been read now; {@code target} is empty if none was read. */
    public static RequestHead of(String method, String target, Headers headers) {
        return new RequestHead(
                System.nanoTime(),
                method,
                RequestTarget.path(target),
                headers,
                requestId(headers),
                TraceContext.of(headers));
    }

    private static String requestId(Headers headers) {
        if (headers.contains(X_REQUEST_ID)) {
            String given = headers.get(X_REQUEST_ID).get();
            if (VALID_ID.matcher(given).matches()) {
                return given;
            }
        }
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    /** The values of a header, one for each of its lines. */
    public List<String> headerValues(HeaderName name) {
        // Not values(), which splits a line at its commas: a comma may be a part of the value, as in Authorization.
        return headers.contains(name) ? headers.all(name, List::of) : List.of();
    }

    public Duration elapsed() {
        return Duration.ofNanos(elapsedNanos());
    }

    public long elapsedNanos() {
        return System.nanoTime() - begunNanos;
    }

    /** What goes from this request into its calls to the backends. */
    public CallContext callContext(ForwardedHeaders forwarded) {
        return new CallContext(
                begunNanos, requestId, trace.traceparent(), trace.tracestate(), forwarded.of(this), CallClass.SINGLE);
    }
}
