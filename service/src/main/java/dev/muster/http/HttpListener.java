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

/** A port that serves endpoints over HTTP/1.1, with the settings that all of ours share. Thread-safe. */
public final class HttpListener implements Drainable, AutoCloseable {
    /** Larger bodies are 413; ids of a bulk request fit in a tenth of it. */
    private static final int MAX_PAYLOAD = 1 << 20;

    /** For what is still in flight when the listener is closed without having been drained. */
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

    private final Acceptor acceptor;
    private final ConnectionGuard guard;
    private final Router router;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * Where to listen, and what clients may hold of the listener.
     *
     * @param name the config section of host and port
     * @param port 0 for any free one
     * @param maxRequests served at once; one more is refused
     * @param onPlatformThreads whether connections have threads of the operating system, which costs more of each and
     *     lets none of them wait behind a crowd on virtual ones
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
     * @param portObserver told whether clients are let in
     * @throws IOException if the address cannot be bound, saying which key names it and why
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
                // Tells ErrorAnswers what is wrong, which tells it in words of its own.
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
                            // What is beyond this is not accepted, so that there are always files to accept with.
                            settings.connections().maxConnections() + ConnectionGuard.REFUSED_AT_ONCE,
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

    /** The port that is bound. */
    public int port() {
        return acceptor.address().getPort();
    }

    @Override
    public int openConnections() {
        return guard.open();
    }

    /** Those of the open connections that wait for a request to begin. */
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
     * Closes the port and all its connections. A request in flight has a second to end before it is interrupted; none,
     * where the port was closed before, as it had its time then.
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
