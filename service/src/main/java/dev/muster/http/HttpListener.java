package dev.muster.http;

import dev.muster.concurrent.Deadline;
import dev.muster.config.AppConfig.ConnectionConfig;
import dev.muster.connection.Acceptor;
import dev.muster.connection.ConnectionGuard;
import dev.muster.connection.Cut;
import dev.muster.connection.HttpConnections;
import dev.muster.connection.PortObserver;
import dev.muster.lifecycle.Drainable;
import dev.muster.problem.RequestRejected;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A port that serves endpoints over HTTP/1.1. Thread-safe. */
public final class HttpListener implements Drainable, AutoCloseable {
    /** A larger body is 413. The ids of a batch fit in a tenth of it. */
    private static final int MAX_PAYLOAD = 1 << 20;

    /** The time that requests in flight have when the listener closes without a drain. */
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    private final Acceptor acceptor;
    private final ConnectionGuard guard;
    private final Router router;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * Where to listen, and how much clients may use.
     *
     * @param name the config section of host and port
     * @param port 0 for any free one
     * @param maxRequests served at once; one more is rejected
     * @param onPlatformThreads whether connections run on platform threads: each costs more, but none waits behind many
     *     virtual threads
     */
    public record Settings(
            String name,
            String host,
            int port,
            ConnectionConfig connections,
            int maxRequests,
            boolean onPlatformThreads) {
        private InetSocketAddress address() throws IOException {
            try {
                return new InetSocketAddress(InetAddress.getByName(host), port);
            } catch (UnknownHostException e) {
                throw new IOException(name + ".host: " + host + ": no address is known by this name", e);
            }
        }

        private IOException cannotListen(IOException why) {
            return new IOException(
                    name + ".port: cannot listen on " + host + ":" + port + ": " + why.getMessage(), why);
        }
    }

    private HttpListener(Acceptor acceptor, ConnectionGuard guard, Router router) {
        this.acceptor = acceptor;
        this.guard = guard;
        this.router = router;
    }

    /**
     * Binds the address and serves {@code endpoints} there.
     *
     * @param cuts told of every connection that the guard ends
     * @param portObserver told whether the port accepts clients
     * @throws IOException if the address cannot be bound; its message has the configuration key and the reason
     */
    public static HttpListener start(
            Settings settings,
            List<Endpoint> endpoints,
            RequestObserver requestObserver,
            Consumer<Cut> cuts,
            PortObserver portObserver)
            throws IOException {
        InetSocketAddress address = settings.address();
        Router router = Router.builder()
                .addRouting(routing(settings, endpoints, requestObserver))
                .build();
        ListenerConfig config = ListenerConfig.builder()
                .name(settings.name())
                .maxPayloadSize(MAX_PAYLOAD)
                .protocolsDiscoverServices(false)
                .directHandlers(new ErrorAnswers(requestObserver).directHandlers())
                // Gives ErrorAnswers the message of the error, to find the reason by it.
                .errorHandling(handling -> handling.includeEntity(true))
                .build();
        ConnectionGuard guard = new ConnectionGuard(settings.name(), settings.connections(), cuts);
        HttpConnections connections =
                new HttpConnections(guard, settings.name(), config, router, settings.onPlatformThreads());
        router.beforeStart();
        try {
            Acceptor acceptor = Acceptor.open(
                    address,
                    new Acceptor.Settings(
                            settings.name(),
                            // More are not accepted, so that there is always a file descriptor to accept with.
                            settings.connections().maxConnections() + ConnectionGuard.REJECTED_AT_ONCE,
                            settings.onPlatformThreads()),
                    connections::serve,
                    portObserver);
            return new HttpListener(acceptor, guard, router);
        } catch (IOException e) {
            router.afterStop();
            guard.close();
            throw settings.cannotListen(e);
        }
    }

    private static HttpRouting.Builder routing(
            Settings settings, List<Endpoint> endpoints, RequestObserver requestObserver) {
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(new RequestFilter(requestObserver));
        Semaphore room = new Semaphore(settings.maxRequests());
        endpoints.forEach(endpoint -> endpoint.register(routing, room));
        routing.any((request, response) -> ErrorAnswers.answer(
                request, response, RequestRejected.path(request.prologue().method())));
        routing.error(Throwable.class, ErrorAnswers::answer);
        return routing;
    }

    public int port() {
        return acceptor.address().getPort();
    }

    @Override
    public int openConnections() {
        return guard.open();
    }

    /** The open connections that wait for a request. */
    public int idleConnections() {
        return guard.idle();
    }

    @Override
    public void stopAccepting() {
        stopped.set(true);
        acceptor.closePort();
        guard.listenerClosed();
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
        return acceptor.awaitNoConnection(deadline);
    }

    /**
     * Closes the port and all its connections. A request in flight has a second to end before it is interrupted. If the
     * port was closed before, it has none: its time was the drain.
     */
    @Override
    public void close() {
        try (guard) {
            if (!stopped.get()) {
                stopAccepting();
                closeIdle();
                giveUpOnUnread();
                awaitClosed(Deadline.after(CLOSE_WAIT));
            }
            acceptor.interruptConnections();
            awaitClosed(Deadline.after(CLOSE_WAIT));
            router.afterStop();
        }
    }
}
