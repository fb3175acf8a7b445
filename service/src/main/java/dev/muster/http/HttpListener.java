package dev.muster.http;

import dev.muster.concurrent.Deadline;
import dev.muster.config.ConnectionConfig;
import dev.muster.connection.ConnectionGuard;
import dev.muster.connection.Cut;
import dev.muster.lifecycle.Drainable;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** A port that serves endpoints over HTTP/1.1: Helidon's WebServer with the settings that all of ours share. */
public final class HttpListener implements Drainable, AutoCloseable {
    /** Larger bodies are 413; ids of a bulk request fit in a tenth of it. */
    private static final int MAX_PAYLOAD = 1 << 20;

    /** How long Helidon itself would wait for requests in flight, which is not left to it. */
    private static final Duration HELIDON_GRACE = Duration.ofDays(1);

    /** For what is still in flight when the listener is closed without having been drained. */
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    private final InetSocketAddress address;
    private final WebServer server;
    private final ConnectionGuard guard;
    /** Runs Helidon's stop, which ends once all connections have. */
    private final Thread stopper;

    /**
     * Where to listen, and what clients may hold of the listener.
     *
     * @param name the config section of host and port
     * @param port 0 for any free one
     * @param maxRequests served at once; one more is refused
     */
    public record Settings(String name, String host, int port, ConnectionConfig connections, int maxRequests) {
        private void requireResolvable() throws IOException {
            try {
                InetAddress.getByName(host);
            } catch (UnknownHostException e) {
                throw new IOException(name + ".host: " + host + ": no address is known by this name", e);
            }
        }

        /** Why the port could not be bound, which Helidon keeps to itself: finds out by trying. */
        private IOException cannotListen() {
            String what = name + ".port: cannot listen on " + host + ":" + port;
            try (ServerSocket probe = new ServerSocket()) {
                probe.bind(new InetSocketAddress(host, port));
                return new IOException(what);
            } catch (IOException e) {
                return new IOException(what + ": " + e.getMessage(), e);
            }
        }
    }

    private HttpListener(Settings settings, WebServer server, ConnectionGuard guard) {
        this.address = new InetSocketAddress(settings.host(), server.port());
        this.server = server;
        this.guard = guard;
        this.stopper =
                Thread.ofPlatform().name(settings.name() + "-stop").daemon().unstarted(this::stop);
    }

    /**
     * Binds the address and serves {@code endpoints} there.
     *
     * @param cuts told of every connection that the guard ends
     * @throws IOException if the address cannot be bound, saying which key names it and why
     */
    public static HttpListener start(
            Settings settings, List<Endpoint> endpoints, RequestRecorder recorder, Consumer<Cut> cuts)
            throws IOException {
        settings.requireResolvable();
        ErrorAnswers errors = new ErrorAnswers(recorder);
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(new RequestFilter(recorder));
        Semaphore room = new Semaphore(settings.maxRequests());
        endpoints.forEach(endpoint -> endpoint.register(routing, room));
        routing.any((request, response) -> ErrorAnswers.answer(
                request, response, RequestRejected.path(request.prologue().method())));
        routing.error(Throwable.class, ErrorAnswers::answer);
        ConnectionGuard guard = new ConnectionGuard(settings.name(), settings.connections(), cuts);
        WebServer server = WebServer.builder()
                .host(settings.host())
                .port(settings.port())
                .shutdownHook(false)
                .shutdownGracePeriod(HELIDON_GRACE)
                .maxPayloadSize(MAX_PAYLOAD)
                .protocolsDiscoverServices(false)
                .connectionOptions(guard.socketOptions())
                .addConnectionSelector(guard)
                // What is beyond this is not accepted, so that there are always files to accept with.
                .maxTcpConnections(settings.connections().maxConnections() + ConnectionGuard.REFUSED_AT_ONCE)
                .directHandlers(errors.directHandlers())
                .routing(routing)
                .build();
        server.start();
        if (!server.isRunning()) {
            guard.close();
            throw settings.cannotListen();
        }
        return new HttpListener(settings, server, guard);
    }

    /** The port that is bound. */
    public int port() {
        return address.getPort();
    }

    @Override
    public int openConnections() {
        return guard.open();
    }

    @Override
    public void stopAccepting() {
        try (Socket _ = guard.awaitNobodyWaits(address)) {
            stopper.start();
            guard.awaitListenerClosed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stop() {
        try {
            server.stop();
        } finally {
            // Where there was no connection, nobody else has said it.
            guard.listenerClosed();
        }
    }

    @Override
    public void closeIdle() {
        guard.closeIdle();
    }

    @Override
    public void giveUpOnUnread() {
        guard.giveUpOnUnread();
    }

    @Override
    public boolean awaitClosed(Deadline deadline) {
        try {
            return stopper.join(deadline.remaining());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !stopper.isAlive();
        }
    }

    /**
     * Closes the port and all its connections. A request in flight has a second to end before it is interrupted; none,
     * where the port was closed before, as it had its time then.
     */
    @Override
    public void close() {
        try (guard) {
            if (stopper.getState() == Thread.State.NEW) {
                stopper.start();
                guard.awaitListenerClosed();
                closeIdle();
                giveUpOnUnread();
                awaitClosed(Deadline.after(CLOSE_WAIT));
            }
            stopper.interrupt();
            awaitClosed(Deadline.after(CLOSE_WAIT));
        }
    }
}
