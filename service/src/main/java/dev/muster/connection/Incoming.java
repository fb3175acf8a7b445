package dev.muster.connection;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Tracks how much of a request Helidon and the routes have read, and checks the parts that Helidon does not check. Used
 * by the connection's own thread only.
 */
final class Incoming {
    /** The most bytes of a head (RFC 6585 section 5); the last read may bring more. */
    static final int MAX_HEAD = 16 << 10;

    private static final Header IDENTITY = HeaderValues.create(HeaderNames.CONTENT_ENCODING, "identity");
    private static final Status HEAD_TOO_LARGE = Status.create(431, "Request Header Fields Too Large");

    private int headBytes;
    private int pipelined;
    private MethodCheck method = new MethodCheck();
    /** Set from the request line to the end of the head. */
    private @Nullable HeadLines lines;
    /** Set while the rest of the head is read. */
    private @Nullable HttpPrologue requestLine;
    /** Set for a chunked body. */
    private @Nullable ChunkFraming chunks;

    private boolean bodyOwed;
    private boolean answered = true;
    private boolean unread;

    /** A head begins; {@code bytes} bytes of it are there already. */
    void headBegins(int bytes) {
        headBytes = bytes;
        unread = true;
    }

    void headGrows(byte[] bytes) {
        if (headBytes == 0) {
            requireBeginning(bytes[0]);
        }
        headBytes += bytes.length;
        method.look(bytes);
        count(bytes);
    }

    /** Rejects what is not HTTP, such as TLS, at its first byte: the end of a line might never come. */
    private void requireBeginning(byte first) {
        switch (first) {
            case '\r', '\n' -> throw rejection(HttpViolation.EMPTY_LINE);
            case ' ', '\t' -> throw rejection(HttpViolation.REQUEST_LINE);
            default -> {
                if (first < ' ') {
                    throw rejection(HttpViolation.NOT_HTTP);
                }
            }
        }
    }

    private void count(byte[] bytes) {
        if (lines != null && !lines.allows(bytes)) {
            throw rejection(HttpViolation.HEADER_LINES);
        }
    }

    /** Rejects a head that is incomplete at its maximum length. */
    void requireHeadMayGrow() {
        if (headBytes >= MAX_HEAD) {
            throw rejection(HEAD_TOO_LARGE);
        }
    }

    /** The request line is read; {@code rest} follows it. */
    void requestLineRead(HttpPrologue line, byte[] rest) {
        if (method.isInOtherCase()) {
            throw rejection(HttpViolation.METHOD_CASE);
        }
        requestLine = line;
        HttpViolation wrong = HeadCheck.check(line);
        if (wrong != null) {
            throw rejection(wrong);
        }
        lines = new HeadLines();
        count(rest);
    }

    /** The head is read; true if the request has no body. */
    boolean headRead(Headers head) {
        lines = null;
        HttpViolation wrong = HeadCheck.check(head);
        if (wrong != null) {
            throw rejection(wrong, head);
        }
        chunks = head.contains(HeaderNames.TRANSFER_ENCODING) ? new ChunkFraming() : null;
        bodyOwed = chunks != null
                || (head.contains(HeaderNames.CONTENT_LENGTH) && !head.contains(HeaderValues.CONTENT_LENGTH_ZERO));
        if (bodyOwed && head.contains(HeaderNames.CONTENT_ENCODING) && !head.contains(IDENTITY)) {
            throw rejection(HttpViolation.CONTENT_CODING, head);
        }
        requestLine = null;
        answered = false;
        unread = bodyOwed;
        return !bodyOwed;
    }

    void bodyGrows(byte[] bytes) {
        HttpViolation wrong = chunks == null ? null : chunks.check(bytes);
        if (wrong != null) {
            throw rejection(wrong);
        }
    }

    void bodyRead() {
        bodyOwed = false;
        unread = false;
    }

    /**
     * The answer begins; false if it answers a head that could not be read.
     *
     * @param available how many bytes are unread; the body is read, so they belong to the next head
     * @param beginning the first of these bytes
     */
    boolean answering(int available, byte[] beginning) {
        boolean first = !answered;
        answered = true;
        pipelined = available;
        method = new MethodCheck();
        method.look(beginning);
        return first;
    }

    /** Whether the body is read next, not another request. */
    boolean isBodyAwaited() {
        return bodyOwed && !answered;
    }

    /** How many bytes of the next request came with this one. */
    int pipelined() {
        return pipelined;
    }

    /** Whether the client may be sending bytes that nobody will read. */
    boolean isUnread() {
        return unread;
    }

    /** Ends the connection; names the request as far as it is known. */
    RequestException rejection(Status status) {
        return HeadCheck.rejection(status, "", requestLine, WritableHeaders.create());
    }

    private RequestException rejection(HttpViolation why) {
        return rejection(why, WritableHeaders.create());
    }

    private RequestException rejection(HttpViolation why, Headers head) {
        return HeadCheck.rejection(Status.create(why.status()), why.detail(), requestLine, head);
    }
}
