package dev.muster.connection;

/**
 * How a request can break a rule of HTTP: a closed list, with the words for clients and the log. They repeat nothing of
 * what was sent: it might be a secret, or an attack on readers of the log.
 */
public enum HttpViolation {
    /** TLS, SSH and others; an empty line is {@link #EMPTY_LINE}. */
    NOT_HTTP("The first byte cannot begin an HTTP request; this port speaks HTTP/1.1 without TLS."),
    /** Stricter than RFC 9112 section 2.2, by which servers should skip it. */
    EMPTY_LINE("An empty line stands in front of the request line."),
    /** RFC 9112 section 3. */
    REQUEST_LINE("The request line is not a method, a target and a version with one space between them."),
    /** RFC 9112 section 2.2. */
    REQUEST_LINE_END("The request line does not end in CR LF."),
    /** RFC 9110 sections 9.1 and 5.6.2. */
    METHOD("The method is not a token."),
    /** RFC 9110 section 9.1. */
    METHOD_CASE(501, "The method has lower-case letters; no method that this server knows has them."),
    /** RFC 9112 section 2.3. */
    VERSION("The request target is not followed by the name and version of HTTP."),
    /** RFC 3986 sections 2 and 3.3. */
    TARGET("The request target has a character that no URI may have, or a % without two hexadecimal digits."),
    /** RFC 9112 section 3.2. */
    TARGET_FRAGMENT("The request target has a fragment."),
    /** RFC 9112 section 3.2. */
    TARGET_WITHOUT_PATH("The request target is a URI without a path."),

    /** RFC 6585 section 5. */
    HEADER_LINES(431, "The request has more than " + HeadLines.MOST + " header lines."),
    /** RFC 9112 section 2.2. */
    HEADER_LINE_END("A header line does not end in CR LF."),
    /** RFC 9112 section 5. */
    HEADER_COLON("A header line has no colon; folded values are not supported."),
    /** RFC 9112 section 5. */
    HEADER_WITHOUT_NAME("A header has no name."),
    /** RFC 9110 sections 5.1 and 5.6.2. */
    HEADER_NAME("A header's name has a character that is not allowed in a token."),
    /** RFC 9112 section 5.1. */
    HEADER_SPACE("A space stands between a header's name and its colon."),
    /** RFC 9112 section 5.2. */
    HEADER_FOLDED("A header line begins with a space; folded values are not supported."),
    /** RFC 9110 section 5.5. */
    HEADER_VALUE("A header's value has a control character."),

    /** RFC 9112 section 3.2. */
    HOST_MISSING("The Host header is missing."),
    /** RFC 9112 section 3.2. */
    HOST_REPEATED("There is more than one Host header."),
    /** RFC 9110 sections 4.2.1 and 7.2. */
    HOST_EMPTY("The Host header is empty."),
    /** RFC 9110 section 7.2, RFC 3986 sections 3.2.2 and 3.2.3. */
    HOST("The Host header is not a host with an optional port."),

    /** RFC 9112 section 6.3. */
    LENGTH_AND_CODING("The request has both Content-Length and Transfer-Encoding."),
    /** RFC 9110 section 8.6. */
    LENGTH("The Content-Length header is not a number of bytes."),
    /** RFC 9110 section 8.6. */
    LENGTH_REPEATED("The Content-Length header has more than one value."),
    /** RFC 9112 section 6.1. */
    CODING_EMPTY("The Transfer-Encoding header is empty."),
    /** RFC 9112 section 6.3. */
    CODING_LAST("The last transfer coding of a request has to be chunked."),
    /** RFC 9112 section 6.1. */
    CODING_REPEATED("The transfer coding chunked is given more than once."),
    /** RFC 9112 section 6.1. */
    CODING_UNKNOWN(501, "The only transfer coding that this server knows is chunked."),
    /** RFC 9110 section 8.4. */
    CONTENT_CODING("The body has a content coding; none is supported."),

    /** RFC 9112 section 7.1. */
    CHUNK_SIZE("The size of a chunk is not a hexadecimal number of at most 8 digits, or is too large."),
    /** Stricter than RFC 9112 section 7.1.1, by which servers ignore them. */
    CHUNK_EXTENSION("A chunk has an extension; extensions are not supported."),
    /** RFC 9112 section 7.1. */
    CHUNK_SIZE_END("The size of a chunk does not end in CR LF."),
    /** RFC 9112 section 7.1. */
    CHUNK_DATA_END("The data of a chunk does not end in CR LF where its size says."),
    /** Stricter than RFC 9112 section 7.1.2, by which servers may ignore them. */
    CHUNK_TRAILER("The last chunk is not followed by an empty line; trailers are not supported."),

    /** RFC 9110 section 12.5.1. */
    ACCEPT_RANGE("The Accept header has an element that is not a media range."),
    /** RFC 9110 section 5.6.6. */
    ACCEPT_PARAMETER("The Accept header has a parameter without a name or a value."),
    /** RFC 9110 section 12.4.2. */
    ACCEPT_WEIGHT("The Accept header has a weight that is not a number from 0 to 1."),

    /** Any other error of the parser. */
    OTHER("The request breaks the rules of HTTP/1.1.");

    private final int status;
    private final String detail;

    HttpViolation(String detail) {
        this(400, detail);
    }

    HttpViolation(int status, String detail) {
        this.status = status;
        this.detail = detail;
    }

    /** The status of the answer: 400, or a more specific one. */
    public int status() {
        return status;
    }

    public String detail() {
        return detail;
    }
}
