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

/** Sees to it that a request's body is read to its end before the answer begins, or that the answer is the last. */
public final class RequestBody {
    private RequestBody() {}

    /**
     * Reads the body into {@code out}. A client that waits for leave to send it (Expect: 100-continue) gets that.
     *
     * @throws RequestRejected if the body breaks the rules, is too long or does not come in time
     */
    public static void read(ServerRequest request, OutputStream out) {
        transfer(request, out);
    }

    /**
     * Throws the body away, of a request that has no use for one. A client that waits for leave to send it gets none.
     *
     * @throws RequestRejected as {@link #read}
     */
    public static void discard(ServerRequest request) {
        if (isOwed(request) && !request.headers().containsToken(HeaderValues.EXPECT_100)) {
            transfer(request, OutputStream.nullOutputStream());
        }
    }

    /** Throws away what is left of the body, and has the answer close the connection where that cannot be done. */
    public static void settle(ServerRequest request, ServerResponse response) {
        try {
            discard(request);
        } catch (RequestRejected | IllegalStateException e) {
            // Not for the first time, and the answer says why; or it is being read already.
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        if (isOwed(request)) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
    }

    private static boolean isOwed(ServerRequest request) {
        return request.content().hasEntity() && !request.content().consumed();
    }

    private static void transfer(ServerRequest request, OutputStream out) {
        try {
            GuardedConnection.current().bodyBegins();
            // Not closed: that would wait for the rest of a body which has turned out to have no end.
            request.content().inputStream().transferTo(out);
            GuardedConnection.current().bodyRead();
        } catch (RequestException e) {
            throw RequestRejected.body(e.status(), e.getMessage());
        } catch (HttpException e) {
            throw RequestRejected.body(e.status(), e.getMessage());
        } catch (DataReader.IncorrectNewLineException | NumberFormatException e) {
            // how Helidon takes a chunk that is none
            throw new RequestRejected.BadRequest(HttpViolation.CHUNK_SIZE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
