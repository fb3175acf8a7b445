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
 * How much of a request has been read, told by what Helidon and the routes say of it; what they read is checked where
 * Helidon does not. Used by the connection's own thread alone.
 */
final class Incoming {
    /** The most that is read of a head (RFC 6585 section 5), rounded up to what the last read brings along. */
    static final int MAX_HEAD = 16 << 10;

    private static final Header IDENTITY = HeaderValues.create(HeaderNames.CONTENT_ENCODING, "identity");
    private static final Status HEAD_TOO_LARGE = Status.create(431, "Request Header Fields Too Large");

    private int headBytes;
    private int pipelined;
    private MethodCheck method = new MethodCheck();
    /** Of a head whose request line has been read. */
    private @Nullable HeadLines lines;
    /** Of a head that is still being read. */
    private @Nullable HttpPrologue requestLine;
    /** Of a body that is chunked. */
    private @Nullable ChunkFraming chunks;

    private boolean bodyOwed;
    private boolean answered = true;
    private boolean unread;

    /** A head begins, of which so many bytes are there already. */
    void headBegins(int bytes) {
        headBytes = bytes;
        unread = true;
    }

    /** A head gets longer. */
    void headGrows(byte[] bytes) {
        if (headBytes == 0) {
            requireBeginning(bytes[0]);
        }
        headBytes += bytes.length;
        method.look(bytes);
        count(bytes);
    }

    /** What cannot begin a method is not HTTP, such as TLS: the end of line that is awaited might never come. */
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

    /** Refuses to read more of a head that is long enough. */
    void requireHeadMayGrow() {
        if (headBytes >= MAX_HEAD) {
            throw rejection(HEAD_TOO_LARGE);
        }
    }

    /** The request line is there, and {@code rest} behind it. */
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

    /** The head is there; true if that is the whole request. */
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

    /** Checks what has arrived of the body. */
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
     * The answer begins; false if it is not the first of this request, but to a head that could not be read.
     *
     * @param available how much is there and has not been read; as the body has been, it is of the next head
     * @param beginning what it begins with
     */
    boolean answering(int available, byte[] beginning) {
        boolean first = !answered;
        answered = true;
        pipelined = available;
        method = new MethodCheck();
        method.look(beginning);
        return first;
    }

    /** Whether it is the body that is read next, not another request. */
    boolean isBodyAwaited() {
        return bodyOwed && !answered;
    }

    /** How many bytes of the next request came along with this one. */
    int pipelined() {
        return pipelined;
    }

    /** Whether the client may be sending something that nobody is going to read. */
    boolean isUnread() {
        return unread;
    }

    /** The end of the connection, which names the request as far as it is known. */
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
