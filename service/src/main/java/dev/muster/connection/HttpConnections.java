package dev.muster.connection;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.context.Context;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.NioSocket;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.DirectHandlers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

/**
 * Serves the connections of one port: the part of Helidon's WebServer behind its listener. Thread-safe.
 */
public final class HttpConnections {
    private static final Logger LOG = System.getLogger(HttpConnections.class.getName());

    private final ConnectionGuard guard;
    private final String name;
    private final ListenerContext context;
    private final Router router;
    /** Makes the second thread of a connection, of the same kind as the first. */
    private final ThreadFactory inputThreads;
    /** No limit: we reject excess requests ourselves, with an answer that says so. */
    private final Limit limit = FixedLimit.create();

    /**
     * Serves connections with the routes of {@code router}.
     *
     * @param name of the port
     * @param config Helidon's limits, and its answers to invalid requests
     * @param onPlatformThreads whether {@link #serve} is called on threads of the operating system
     */
    public HttpConnections(
            ConnectionGuard guard, String name, ListenerConfig config, Router router, boolean onPlatformThreads) {
        this.guard = guard;
        this.name = name;
        this.context = new PortContext(
                config,
                config.directHandlers().orElseGet(DirectHandlers::create),
                Context.create(),
                MediaContext.create(),
                ContentEncodingContext.create());
        this.router = router;
        Thread.Builder threads = onPlatformThreads ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
        this.inputThreads = threads.name("client-input").factory();
    }

    /** A listener as Helidon's HTTP sees it. */
    private record PortContext(
            ListenerConfig config,
            DirectHandlers directHandlers,
            Context context,
            MediaContext mediaContext,
            ContentEncodingContext contentEncodingContext)
            implements ListenerContext {

        @Override
        public ExecutorService executor() {
            throw new UnsupportedOperationException("a connection has its own thread, which does all of its work");
        }
    }

    /** Serves a connection to its end, and closes it. Call this on the connection's thread. */
    public void serve(SocketChannel client) {
        String id = Integer.toHexString(System.identityHashCode(client));
        HelidonSocket socket = NioSocket.server(client, id, name);
        try (client) {
            client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            // Else the last bytes of an answer wait 40 ms for the acknowledgement of the bytes before them.
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            new GuardedConnection(guard, socket, client, context, router, inputThreads).handle(limit);
        } catch (CloseConnectionException | UncheckedIOException | IOException e) {
            LOG.log(Level.TRACE, "the connection ended as announced, or the client has gone", e);
        } catch (InterruptedException e) {
            LOG.log(Level.TRACE, "the connection was interrupted, which ends it", e);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, name + ": serving a connection failed", e);
        }
    }
}
