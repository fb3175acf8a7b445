package dev.muster.testing;

import static dev.muster.testing.Batches.LINES;
import static dev.muster.testing.Batches.STRICT;
import static dev.muster.testing.Batches.body;
import static dev.muster.testing.Batches.request;

import java.util.Collections;
import java.util.stream.IntStream;

/** Every kind of answer to a batch, with a request that gets it from {@link EveryAnswer}. */
public enum BatchKind {
    COMPLETE(200, null, request(body("ada", "late", "ada"))),
    PARTIAL(200, null, request(body("broken"))),
    FAILED(200, null, request(body("ada", "nobody", "odd", "busy", "unauthorized"))),
    OUT_OF_TIME(200, null, request(body("ada", "late"), "Prefer: handling=lenient, wait=0")),
    LINES_COMPLETE(200, null, request(body("ada", "late", "ada"), LINES)),
    LINES_PARTIAL(200, null, request(body("broken", "nobody"), LINES)),
    LINES_OUT_OF_TIME(200, null, request(body("ada", "late"), LINES, "Prefer: wait=0")),
    LINES_STRICT(200, null, request(body("ada", "nobody"), LINES, STRICT)),

    NO_JSON(400, "bad-batch", request("ids=ada")),
    BAD_ELEMENT(400, "bad-batch", request("{\"ids\":[\"ada\",7]}")),
    BAD_ID(400, "bad-id", request(body("ada", "a b"), STRICT)),
    BAD_ACCEPT(400, "bad-request", request(body("ada"), "Accept: json")),
    BAD_CHUNK(400, "bad-request", request("zz\r\n", "Transfer-Encoding: chunked")),
    UNAUTHORIZED(401, "unauthorized", request(body("ada", "unauthorized"), STRICT)),
    FORBIDDEN(403, "forbidden", request(body("ada", "forbidden"), STRICT)),
    USER_NOT_FOUND(404, "user-not-found", request(body("ada", "nobody"), STRICT)),
    METHOD_NOT_ALLOWED(405, "method-not-allowed", request(body("ada")).replaceFirst("POST", "PUT")),
    NOT_ACCEPTABLE(406, "not-acceptable", request(body("ada"), "Accept: text/html")),
    BODY_TOO_SLOW(408, "request-timeout", request(body("ada"), "Content-Length: 100")),
    TOO_MANY_IDS(
            413,
            "too-many-ids",
            request(body(IntStream.range(0, 1001).mapToObj(i -> "id-" + i).toList()))),
    LARGE_LENGTH(413, "payload-too-large", request("", "Content-Length: 1048577")),
    LARGE_CHUNKS(
            413,
            "payload-too-large",
            request("100001\r\n" + " ".repeat(0x100001) + "\r\n0\r\n\r\n", "Transfer-Encoding: chunked")),
    LONG_LINE(414, "uri-too-long", request(body("ada")).replaceFirst(":batch", ":batch?" + "a".repeat(4096))),
    UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", request(body("ada"), "Content-Type: text/plain")),
    LARGE_HEAD(431, "head-too-large", request(body("ada"), "X-Large: " + "a".repeat(20_000))),
    UNKNOWN_METHOD(501, "not-implemented", request(body("ada")).replaceFirst("POST", "BREW")),
    TRANSFER_CODING(501, "not-implemented", request("", "Transfer-Encoding: gzip, chunked")),
    BACKEND_FAILED(502, "backend-failed", request(body("broken"), STRICT)),
    BAD_RESPONSE(502, "bad-response", request(body("odd"), STRICT)),
    OVERLOADED(503, "overloaded", request(body("busy"), STRICT)),
    NO_ROOM(503, "overloaded", request(body(Collections.nCopies(10_000, "ada")))),
    TIMED_OUT(504, "deadline-exceeded", request(body("late"), STRICT)),
    NO_TIME(504, "deadline-exceeded", request(body("ada"), "Prefer: handling=strict, wait=0")),
    OLD_HTTP(505, "http-version-not-supported", request(body("ada")).replaceFirst("HTTP/1.1", "HTTP/1.0"));

    private final int status;
    private final String type;
    private final String request;

    BatchKind(int status, String type, String request) {
        this.status = status;
        this.type = type;
        this.request = request;
    }

    public int status() {
        return status;
    }

    /** The last segment of the problem's type; null for the good answers. */
    public String type() {
        return type;
    }

    public String wire() {
        return request;
    }
}
