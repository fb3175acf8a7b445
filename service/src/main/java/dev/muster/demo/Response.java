package dev.muster.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseWriter;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpDateGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one answer, for a delivery in whole, in part, slowly or twice.
 *
 * <p>HttpCore's writer makes the bytes, but does not send them: its connections flush when they like, so they cannot send
 * two answers in one packet or a byte each 100 ms.
 */
final class Response {

    private final byte[] bytes;
    private final int headLength;
    private final boolean keepAlive;

    private Response(byte[] bytes, int headLength, boolean keepAlive) {
        this.bytes = bytes;
        this.headLength = headLength;
        this.keepAlive = keepAlive;
    }

    static Response to(ClassicHttpRequest request, Answer answer) throws IOException, HttpException {
        var response = new BasicClassicHttpResponse(answer.status());
        byte[] body = answer.body();
        if (body != null) {
            response.addHeader("Content-Length", body.length);
        }
        for (Header header : answer.headers()) {
            response.addHeader(header);
        }
        response.addHeader("Date", HttpDateGenerator.INSTANCE.getCurrentDate());
        boolean keepAlive = keepAlive(request, response);
        if (!keepAlive) {
            response.addHeader("Connection", "close");
        }
        return write(response, request.getMethod().equals("HEAD") ? null : body, keepAlive);
    }

    private static boolean keepAlive(ClassicHttpRequest request, ClassicHttpResponse response) {
        var context = HttpCoreContext.create();
        context.setProtocolVersion(request.getVersion());
        return DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context);
    }

    private static Response write(ClassicHttpResponse response, byte @Nullable [] body, boolean keepAlive)
            throws IOException, HttpException {
        var bytes = new ByteArrayOutputStream(512 + (body == null ? 0 : body.length));
        var buffer = new SessionOutputBufferImpl(512);
        new DefaultHttpResponseWriter().write(response, buffer, bytes);
        buffer.flush(bytes);
        int headLength = bytes.size();
        if (body != null) {
            bytes.write(body, 0, body.length);
        }
        return new Response(bytes.toByteArray(), headLength, keepAlive);
    }

    byte[] bytes() {
        return bytes;
    }

    int headLength() {
        return headLength;
    }

    boolean keepAlive() {
        return keepAlive;
    }
}
