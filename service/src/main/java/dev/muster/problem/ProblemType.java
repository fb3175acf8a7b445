package dev.muster.problem;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * The closed list of problem types (RFC 9457), each explained at its own URI, {@code /problems/<slug>}.
 *
 * <p>A slug is part of the contract with clients and never changes its meaning.
 */
public enum ProblemType {
    BAD_ID(400, "The id is not valid", """
        An id is 1 to 64 characters out of A-Z, a-z, 0-9, "_" and "-", written as they are, without percent-encoding. \
        No backend was called. Correct the id; trying again as it is will not help.\
        """),
    BAD_BATCH(400, "The batch is not valid", """
        The body must be a JSON object in UTF-8 with one member, "ids": a list of at least one id, each a string. Where "index" \
        is there, it says which of the ids is at fault, counted from 0. No backend was called. Correct the body; trying \
        again as it is will not help.\
        """),
    BAD_REQUEST(400, "The request is not valid HTTP", """
        The request line, a header or the framing of the body breaks the rules of HTTP (RFC 9110, RFC 9112). The detail \
        says which rule. Unless only the Accept header is at fault, the connection is closed, because what follows on \
        it cannot be told apart.\
        """),
    UNAUTHORIZED(401, "The credentials are missing or not accepted", """
        A backend asked for credentials, or did not accept those that came with the request and were forwarded to \
        it. WWW-Authenticate says how to authenticate, where the backend said so.\
        """),
    FORBIDDEN(403, "The credentials do not suffice", """
        A backend knows the credentials that came with the request and were forwarded to it, and refuses them for \
        this id.\
        """),
    USER_NOT_FOUND(404, "There is no such user", """
        The user backend, which has the last word on this, does not know the id. The other backends are not \
        asked for an opinion: whatever they said, the answer is this one.\
        """),
    UNKNOWN_PATH(404, "There is nothing at this path", """
        The path leads nowhere. GET /openapi lists the paths that there are.\
        """),
    METHOD_NOT_ALLOWED(405, "The method is not allowed here", """
        The path exists, the method is known, but the two do not go together. The Allow header lists the methods \
        that do.\
        """),
    NOT_ACCEPTABLE(406, "No representation fits the Accept header", """
        The Accept header leaves nothing that this resource can be sent as. The detail lists what it can be sent \
        as. A media type with q=0 counts as refused.\
        """),
    REQUEST_TIMEOUT(408, "The request did not arrive in time", """
        The head or the body of the request was begun, but not all of it came within the time that the server waits. \
        The connection is closed. Send the request again, on a new one.\
        """),
    PAYLOAD_TOO_LARGE(413, "The request body is too large", """
        The body is longer than the server reads. The connection is closed, because the rest of the body is left \
        unread.\
        """),
    TOO_MANY_IDS(413, "The batch has too many ids", """
        One batch may have so many ids and no more; the detail has the numbers. No backend was called. Make several \
        batches of it.\
        """),
    URI_TOO_LONG(414, "The request line is too long", """
        The request line, which holds the method and the URI, is longer than 4096 bytes. The connection is \
        closed.\
        """),
    UNSUPPORTED_MEDIA_TYPE(415, "The body's media type is not supported", """
        The resource does not read bodies of the type that Content-Type states, or there is none stated. The Accept \
        header says which it reads.\
        """),
    HEAD_TOO_LARGE(431, "The request's head is too large", """
        The request line and the headers together are longer than 16 KiB, or there are more than 100 header lines. The \
        connection is closed.\
        """),
    NOT_IMPLEMENTED(501, "The method or transfer coding is not implemented", """
        The server does not know the request's method at all, on any path, or cannot read its transfer coding.\
        """),
    BACKEND_FAILED(502, "A backend failed", """
        The backend that is named could not be reached, broke the connection off or answered with a server error. \
        The calls to the other backends were cancelled. Trying again later may help.\
        """),
    BAD_RESPONSE(502, "A backend's answer cannot be used", """
        The backend that is named answered, but not as its contract says: another status, media type or JSON \
        shape, a body that is too large, another user than the one asked for, or bytes that are not HTTP. The \
        calls to the other backends were cancelled.\
        """),
    OVERLOADED(503, "There is no room for the request now", """
        The backend that is named refused the call for load (429 or 503), or too many calls to it wait already; or, \
        where no backend is named, this instance itself serves as many requests, has as many connections, or holds as \
        much work of batches, as it takes at once, or the request's turn would come too late for its deadline. Retry-After says when to try again.\
        """),
    DRAINING(503, "The service is shutting down", """
        This instance is going away, and ended the request before its answer was there. The calls to the backends \
        were cancelled. Another instance can answer; Retry-After says when to try again.\
        """),
    DEADLINE_EXCEEDED(504, "The answer was not ready in time", """
        The backend that is named did not answer within its timeout; or, where the cause is "deadline" and no backend \
        is named, the request's own deadline passed: what its client stated in Prefer (wait) or in \
        x-envoy-expected-rq-timeout-ms, or else the service's default. The calls that still ran were cancelled. Trying \
        again may help, and so may more time, or asking for a partial answer (Prefer: handling=lenient).\
        """),
    HTTP_VERSION_NOT_SUPPORTED(505, "The HTTP version is not supported", """
        The server speaks HTTP/1.1.\
        """),
    INTERNAL_ERROR(500, "The server has a defect", """
        Something went wrong that the service did not foresee. The log has the details under the request id.\
        """);

    private static final Set<ProblemType> RETRYABLE =
            EnumSet.of(BACKEND_FAILED, OVERLOADED, DRAINING, DEADLINE_EXCEEDED);

    private final int status;
    private final String title;
    private final String explanation;

    ProblemType(int status, String title, String explanation) {
        this.status = status;
        this.title = title;
        this.explanation = explanation;
    }

    /** Its HTTP status. */
    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** Whether the same request may succeed a little later. */
    public boolean retryable() {
        return RETRYABLE.contains(this);
    }

    /** What happened and what a client can do: the text of the type's page. */
    public String explanation() {
        return explanation;
    }

    /** Its last path segment. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its {@code type} member: a URI reference, relative to the service. */
    public String uri() {
        return "/problems/" + slug();
    }
}
