package dev.muster.http;

import dev.muster.config.ConnectionConfig;
import dev.muster.connection.ConnectionGuard;
import dev.muster.connection.Cut;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** A port that serves endpoints over HTTP/1.1: Helidon's WebServer with the settings that all of ours share. */
public final class HttpListener implements AutoCloseable {
    /** Larger bodies are 413; ids of a bulk request fit in a tenth of it. */
    private static final int MAX_PAYLOAD = 1 << 20;

    /** How long requests in flight may go on while the listener closes. */
    public static final Duration STOP_GRACE = Duration.ofSeconds(5);

    private final WebServer server;
    private final ConnectionGuard guard;

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

    private HttpListener(WebServer server, ConnectionGuard guard) {
        this.server = server;
        this.guard = guard;
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
                .shutdownGracePeriod(STOP_GRACE)
                .maxPayloadSize(MAX_PAYLOAD)
                .protocolsDiscoverServices(false)
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
        return new HttpListener(server, guard);
    }

    /** The port that is bound. */
    public int port() {
        return server.port();
    }

    /** How many connections of clients are open. */
    public int openConnections() {
        return guard.open();
    }

    /** Stops accepting, lets requests in flight end within a few seconds, and closes all connections. */
    @Override
    public void close() {
        try (guard) {
            server.stop();
        }
    }
}
