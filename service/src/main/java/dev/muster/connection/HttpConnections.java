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
 * Serves the connections of one port: what of Helidon's WebServer is left without its listener. Thread-safe.
 */
public final class HttpConnections {
    private static final Logger LOG = System.getLogger(HttpConnections.class.getName());

    private final ConnectionGuard guard;
    private final String name;
    private final ListenerContext context;
    private final Router router;
    /** Makes the second threads of connections, of the same kind as their first. */
    private final ThreadFactory inputThreads;
    /** None: what is too much is refused by us, with an answer that says so. */
    private final Limit limit = FixedLimit.create();

    /**
     * Connections whose requests {@code router} knows what to do with.
     *
     * @param name of the port
     * @param config limits of Helidon's, and its answers to what is no request
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

    /** What Helidon's HTTP asks a listener for. */
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

    /** Serves a connection to its end, and closes it; to be called on the connection's thread. */
    public void serve(SocketChannel client) {
        String id = Integer.toHexString(System.identityHashCode(client));
        HelidonSocket socket = NioSocket.server(client, id, name);
        try (client) {
            client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            // Else the last bytes of an answer wait until the client acknowledges those before them: 40 ms.
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            new GuardedConnection(guard, socket, client, context, router, inputThreads).handle(limit);
        } catch (CloseConnectionException | UncheckedIOException | IOException e) {
            LOG.log(Level.TRACE, "the end was announced, or the client has gone", e);
        } catch (InterruptedException e) {
            LOG.log(Level.TRACE, "whoever interrupts a connection ends it, and so this thread", e);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, name + ": serving a connection failed", e);
        }
    }
}
