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
        An id is 1 to 64 characters out of A-Z, a-z, 0-9, "_" and "-", without percent-encoding. No backend was \
        called. Correct the id: the same request will fail again.\
        """),
    BAD_BATCH(400, "The batch is not valid", """
        The body must be a JSON object in UTF-8 with one member, "ids": a list of at least one id. Each id is a \
        string. "index", if present, is the position of the wrong id, counted from 0. No backend was called. Correct \
        the body: the same request will fail again.\
        """),
    BAD_REQUEST(400, "The request is not valid HTTP", """
        The request line, a header or the framing of the body breaks a rule of HTTP (RFC 9110, RFC 9112). The detail \
        names the rule. The connection is closed, because the server cannot tell where the next request begins. It \
        stays open if only the Accept header is wrong.\
        """),
    UNAUTHORIZED(401, "The credentials are missing or not accepted", """
        A backend requires credentials, or did not accept the request's credentials, which were forwarded to it. \
        WWW-Authenticate says how to authenticate, if the backend said so.\
        """),
    FORBIDDEN(403, "The credentials do not suffice", """
        A backend knows the request's credentials, which were forwarded to it, but does not allow access to this id \
        with them.\
        """),
    USER_NOT_FOUND(404, "There is no such user", """
        The user backend does not know the id. It alone decides whether a user exists, whatever the other backends \
        say.\
        """),
    UNKNOWN_PATH(404, "There is nothing at this path", """
        The path does not exist. GET /openapi lists all paths.\
        """),
    METHOD_NOT_ALLOWED(405, "The method is not allowed here", """
        The path exists, and the server knows the method, but this path does not allow it. The Allow header lists \
        the allowed methods.\
        """),
    NOT_ACCEPTABLE(406, "No representation fits the Accept header", """
        The Accept header excludes every media type of this resource. The detail lists these media types. A media \
        type with q=0 is excluded.\
        """),
    REQUEST_TIMEOUT(408, "The request did not arrive in time", """
        The head or the body of the request was not complete within the server's timeout. The connection is closed. \
        Send the request again on a new connection.\
        """),
    PAYLOAD_TOO_LARGE(413, "The request body is too large", """
        The body is longer than the server reads. The connection is closed, because the rest of the body is left \
        unread.\
        """),
    TOO_MANY_IDS(413, "The batch has too many ids", """
        The batch has more ids than one batch may have. The detail has the numbers. No backend was called. Split the \
        ids into several batches.\
        """),
    URI_TOO_LONG(414, "The request line is too long", """
        The request line, with the method and the URI, is longer than 4096 bytes. The connection is closed.\
        """),
    UNSUPPORTED_MEDIA_TYPE(415, "The body's media type is not supported", """
        Content-Type is missing, or the resource does not read bodies of this type. The Accept header says which \
        type it reads.\
        """),
    HEAD_TOO_LARGE(431, "The request's head is too large", """
        The request line and the headers together are longer than 16 KiB, or there are more than 100 header lines. The \
        connection is closed.\
        """),
    NOT_IMPLEMENTED(501, "The method or transfer coding is not implemented", """
        The server does not know the request's method on any path, or does not know its transfer coding.\
        """),
    BACKEND_FAILED(502, "A backend failed", """
        The named backend could not be reached, broke the connection, or responded with a server error. The calls to \
        the other backends were cancelled. Trying again later may help.\
        """),
    BAD_RESPONSE(502, "A backend's answer cannot be used", """
        The named backend responded, but not as its contract says: with another status, media type or JSON shape, \
        with a body that is too large, with another user than the requested one, or with bytes that are not HTTP. \
        The calls to the other backends were cancelled.\
        """),
    OVERLOADED(503, "There is no room for the request now", """
        If a backend is named, it rejected the call for load (429 or 503), or too many calls to it wait already. If \
        none is named, this instance has as many requests, connections or batches as it can serve at once, or the \
        request's turn would come too late for its deadline. Retry-After says when to try again.\
        """),
    DRAINING(503, "The service is shutting down", """
        This instance is shutting down. It ended the request early, or did not begin it. The calls to the backends \
        were cancelled. Another instance can answer. Retry-After says when to try again.\
        """),
    DEADLINE_EXCEEDED(504, "The answer was not ready in time", """
        If a backend is named, it did not answer within its timeout. If the cause is "deadline" and no backend is \
        named, the request's own deadline passed. A client sets it with Prefer (wait) or x-envoy-expected-rq- \
        timeout-ms. Otherwise the service's default applies. The calls that still ran were cancelled. Trying again \
        may help, and so may more time, or asking for a partial answer (Prefer: handling=lenient).\
        """),
    HTTP_VERSION_NOT_SUPPORTED(505, "The HTTP version is not supported", """
        The server speaks HTTP/1.1.\
        """),
    INTERNAL_ERROR(500, "The server has a defect", """
        The service failed in an unexpected way. The log has the details under the request id.\
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
