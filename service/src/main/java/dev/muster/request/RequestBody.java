package dev.muster.request;

import dev.muster.connection.GuardedConnection;
import dev.muster.connection.HttpViolation;
import dev.muster.problem.RequestRejected;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Reads a request's body to its end before the answer begins, or else has the answer close the connection. */
public final class RequestBody {
    private RequestBody() {}

    /**
     * Reads the body into {@code out}. A client that waits for permission to send it (Expect: 100-continue) gets it.
     *
     * @throws RequestRejected if the body breaks the rules, is too long or does not come in time
     */
    public static void read(ServerRequest request, OutputStream out) {
        transfer(request, out);
    }

    /**
     * Discards a body that has no meaning. A client that waits for permission to send it gets none.
     *
     * @throws RequestRejected as {@link #read}
     */
    public static void discard(ServerRequest request) {
        if (isUnread(request) && !request.headers().containsToken(HeaderValues.EXPECT_100)) {
            transfer(request, OutputStream.nullOutputStream());
        }
    }

    /** Discards the rest of the body. If it cannot be read to its end, the answer closes the connection. */
    public static void settle(ServerRequest request, ServerResponse response) {
        try {
            discard(request);
        } catch (RequestRejected | IllegalStateException e) {
            // It failed before, and the answer is that problem; or the handler had begun to read it.
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        if (isUnread(request)) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
    }

    private static boolean isUnread(ServerRequest request) {
        return request.content().hasEntity() && !request.content().consumed();
    }

    private static void transfer(ServerRequest request, OutputStream out) {
        try {
            GuardedConnection.current().bodyBegins();
            // Not closed: that would wait for the rest, which may never come.
            request.content().inputStream().transferTo(out);
            GuardedConnection.current().bodyRead();
        } catch (RequestException e) {
            throw RequestRejected.body(e.status(), e.getMessage());
        } catch (HttpException e) {
            throw RequestRejected.body(e.status(), e.getMessage());
        } catch (DataReader.IncorrectNewLineException | NumberFormatException e) {
            // what Helidon throws for an invalid chunk
            throw new RequestRejected.BadRequest(HttpViolation.CHUNK_SIZE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
