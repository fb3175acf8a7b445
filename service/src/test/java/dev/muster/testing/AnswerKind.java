package dev.muster.testing;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every kind of answer on the path of a profile, with a request that gets it from {@link EveryAnswer}. */
public enum AnswerKind {
    GOOD(200, null, "/profiles/ada", "/profiles/ada"),
    BAD_ID(400, "bad-id", "/profiles/a;b=c", "/profiles/a;b=c"),
    BAD_ACCEPT(400, "bad-request", "/profiles/ada", "/profiles/ada", "Accept: json"),
    UNAUTHORIZED(401, "unauthorized", "/profiles/unauthorized", "/profiles/unauthorized"),
    FORBIDDEN(403, "forbidden", "/profiles/forbidden", "/profiles/forbidden"),
    USER_NOT_FOUND(404, "user-not-found", "/profiles/nobody", "/profiles/nobody"),
    UNKNOWN_PATH(404, "unknown-path", "/profiles/ada/friends", "/profiles/ada/friends"),
    METHOD_NOT_ALLOWED("POST", "HTTP/1.1", 405, "method-not-allowed", "/profiles/ada", "/profiles/ada"),
    NOT_ACCEPTABLE(406, "not-acceptable", "/profiles/ada", "/profiles/ada", "Accept: text/html"),
    UNKNOWN_METHOD("BREW", "HTTP/1.1", 501, "not-implemented", "/profiles/ada", "/profiles/ada"),
    UNKNOWN_METHOD_AND_PATH("BREW", "HTTP/1.1", 501, "not-implemented", "/coffee", "/coffee"),
    BACKEND_FAILED(502, "backend-failed", "/profiles/broken", "/profiles/broken"),
    BAD_RESPONSE(502, "bad-response", "/profiles/odd", "/profiles/odd"),
    OVERLOADED(503, "overloaded", "/profiles/busy", "/profiles/busy"),
    TIMED_OUT(504, "deadline-exceeded", "/profiles/late", "/profiles/late"),
    NO_TIME(504, "deadline-exceeded", "/profiles/ada", "/profiles/ada", "Prefer: wait=0"),

    // Helidon itself rejects these, and closes the connection.
    NO_URI(400, "bad-request", "/profiles/%zz", null),
    NO_METHOD("G(T", "HTTP/1.1", 400, "bad-request", "/profiles/ada", null),
    TWO_LENGTHS(400, "bad-request", "/profiles/ada", "/profiles/ada", "Content-Length: 1", "Content-Length: 2"),
    LARGE_LENGTH(413, "payload-too-large", "/profiles/ada", "/profiles/ada", "Content-Length: 1048577"),
    LARGE_LENGTH_UNKNOWN_PATH(413, "payload-too-large", "/nowhere", "/nowhere", "Content-Length: 1048577"),
    LONG_LINE(414, "uri-too-long", "/profiles/" + "a".repeat(4096), null),
    TRANSFER_CODING(501, "not-implemented", "/profiles/ada", "/profiles/ada", "Transfer-Encoding: gzip, chunked"),
    OLD_HTTP("GET", "HTTP/1.0", 505, "http-version-not-supported", "/profiles/ada", "/profiles/ada");

    private final String method;
    private final String protocol;
    private final int status;
    private final String type;
    private final String target;
    private final String instance;
    private final String headers;

    AnswerKind(int status, String type, String target, String instance, String... headers) {
        this("GET", "HTTP/1.1", status, type, target, instance, headers);
    }

    AnswerKind(
            String method,
            String protocol,
            int status,
            String type,
            String target,
            String instance,
            String... headers) {
        this.method = method;
        this.protocol = protocol;
        this.status = status;
        this.type = type;
        this.target = target;
        this.instance = instance;
        this.headers = Stream.of(headers).map(line -> line + "\r\n").collect(Collectors.joining());
    }

    public String method() {
        return method;
    }

    public int status() {
        return status;
    }

    /** The last segment of the problem's type; null for the good answer. */
    public String type() {
        return type;
    }

    public String target() {
        return target;
    }

    /** The problem's instance; null if it has none. */
    public String instance() {
        return instance;
    }

    /** Whether the profile route gives the answer. */
    public boolean isFromProfileRoute() {
        return switch (this) {
            case BAD_ID, BAD_ACCEPT, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, UNKNOWN_METHOD -> true;
            default -> comesToBackends();
        };
    }

    /** Whether the request gets as far as the backend calls, even if it is too late for them. */
    public boolean comesToBackends() {
        return switch (this) {
            case GOOD,
                    UNAUTHORIZED,
                    FORBIDDEN,
                    USER_NOT_FOUND,
                    BACKEND_FAILED,
                    BAD_RESPONSE,
                    OVERLOADED,
                    TIMED_OUT,
                    NO_TIME -> true;
            default -> false;
        };
    }

    /** The request with more header lines; {@code insteadOfGet} replaces the method GET. */
    public String request(String insteadOfGet, String... more) {
        StringBuilder head = new StringBuilder(method.equals("GET") ? insteadOfGet : method);
        head.append(' ').append(target).append(' ').append(protocol).append("\r\nHost: test\r\n");
        head.append(headers);
        for (String line : more) {
            head.append(line).append("\r\n");
        }
        return head.append("\r\n").toString();
    }
}
