package dev.muster.http;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/** A port that serves endpoints over HTTP/1.1: Helidon's WebServer with the settings that all of ours share. */
public final class HttpListener implements AutoCloseable {
    /** Larger bodies are 413; ids of a bulk request fit in a tenth of it. */
    private static final int MAX_PAYLOAD = 1 << 20;

    /** How long requests in flight may go on while the listener closes. */
    public static final Duration STOP_GRACE = Duration.ofSeconds(5);

    private final WebServer server;

    private HttpListener(WebServer server) {
        this.server = server;
    }

    /**
     * Binds {@code host:port} and serves {@code endpoints} there.
     *
     * @param port 0 for any free one
     * @throws IOException if the address cannot be bound, saying which key names it and why
     */
    public static HttpListener start(
            String name, String host, int port, List<Endpoint> endpoints, RequestRecorder recorder) throws IOException {
        requireResolvable(name, host);
        ErrorAnswers errors = new ErrorAnswers(recorder);
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(new RequestFilter(recorder));
        endpoints.forEach(endpoint -> endpoint.register(routing));
        routing.any((request, response) -> {
            throw RequestRejected.path(request.prologue().method());
        });
        routing.error(Throwable.class, ErrorAnswers::answer);
        WebServer server = WebServer.builder()
                .host(host)
                .port(port)
                .shutdownHook(false)
                .shutdownGracePeriod(STOP_GRACE)
                .maxPayloadSize(MAX_PAYLOAD)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(Http1ConnectionSelector.builder()
                        .config(Http1Config.builder().sendKeepAliveHeader(false).build())
                        .build())
                .directHandlers(errors.directHandlers())
                .routing(routing)
                .build();
        server.start();
        if (!server.isRunning()) {
            throw cannotListen(name, host, port);
        }
        return new HttpListener(server);
    }

    private static void requireResolvable(String name, String host) throws IOException {
        try {
            InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException(name + ".host: " + host + ": no address is known by this name", e);
        }
    }

    /** Why the port could not be bound, which Helidon keeps to itself: finds out by trying. */
    private static IOException cannotListen(String name, String host, int port) {
        String what = name + ".port: cannot listen on " + host + ":" + port;
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(host, port));
            return new IOException(what);
        } catch (IOException e) {
            return new IOException(what + ": " + e.getMessage(), e);
        }
    }

    /** The port that is bound. */
    public int port() {
        return server.port();
    }

    /** Stops accepting, lets requests in flight end within a few seconds, and closes all connections. */
    @Override
    public void close() {
        server.stop();
    }
}
