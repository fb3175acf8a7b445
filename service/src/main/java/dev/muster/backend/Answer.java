package dev.muster.backend;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/** A backend's answer, read to its end. Used by one thread. */
final class Answer {
    private static final byte[] EMPTY = new byte[0];

    private final ClassicHttpResponse response;
    private final byte @Nullable [] body;

    private Answer(ClassicHttpResponse response, byte @Nullable [] body) {
        this.response = response;
        this.body = body;
    }

    /** Reads {@code response} to its end, or up to {@code maxBody} bytes. */
    static Answer read(ClassicHttpResponse response, int maxBody) throws IOException {
        return new Answer(response, body(response.getEntity(), maxBody));
    }

    int status() {
        return response.getCode();
    }

    /** The first value of a header, or null. */
    @Nullable
    String header(String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    List<String> headers(String name) {
        return Stream.of(response.getHeaders(name)).map(Header::getValue).toList();
    }

    /** The body; null if it is longer than allowed and not read to its end. */
    byte @Nullable [] body() {
        return body;
    }

    private static byte @Nullable [] body(@Nullable HttpEntity entity, int maxBody) throws IOException {
        if (entity == null) {
            return EMPTY;
        }
        long length = entity.getContentLength();
        if (length > maxBody) {
            return null;
        }
        // Not closed: closing would read the rest, of any length. Leaving it unread costs only the connection.
        InputStream content = entity.getContent();
        // For an unknown length the JDK begins with a buffer of 16 KiB.
        byte[] body = content.readNBytes(length < 0 ? maxBody : (int) length);
        return content.read() == -1 ? body : null;
    }

    /** Whether the body is JSON by its media type (RFC 8259, or a {@code +json} suffix, RFC 6839). */
    boolean isJson() {
        String mediaType = header("Content-Type");
        if (mediaType == null) {
            return false;
        }
        int parameters = mediaType.indexOf(';');
        String type = (parameters < 0 ? mediaType : mediaType.substring(0, parameters)).strip();
        return type.equalsIgnoreCase("application/json")
                || (type.regionMatches(true, 0, "application/", 0, 12)
                        && type.regionMatches(true, type.length() - 5, "+json", 0, 5));
    }
}
