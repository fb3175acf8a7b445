package dev.muster;

import dev.muster.admin.AdminRoutes;
import dev.muster.backend.BackendClient;
import dev.muster.bulk.BulkRoutes;
import dev.muster.bulk.ByteBudget;
import dev.muster.bulk.ProfileSource;
import dev.muster.bulk.WorkerPool;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.config.AppConfig;
import dev.muster.config.AppConfig.BackendConfig;
import dev.muster.config.AppConfig.BulkConfig;
import dev.muster.connection.PortObserver;
import dev.muster.http.DocRoutes;
import dev.muster.http.Endpoint;
import dev.muster.http.HttpListener;
import dev.muster.http.RequestObserver;
import dev.muster.lifecycle.InFlight;
import dev.muster.lifecycle.Readiness;
import dev.muster.lifecycle.Shutdown;
import dev.muster.logging.LogWriter;
import dev.muster.metrics.BatchMetrics;
import dev.muster.metrics.CallMetrics;
import dev.muster.metrics.ConnectionMetrics;
import dev.muster.metrics.Metrics;
import dev.muster.metrics.ProcessMetrics;
import dev.muster.metrics.RequestMetrics;
import dev.muster.monitoring.AccessLog;
import dev.muster.monitoring.RecentRequests;
import dev.muster.monitoring.RequestMonitor;
import dev.muster.profile.Admission;
import dev.muster.profile.Part;
import dev.muster.profile.Profile;
import dev.muster.profile.ProfileJson;
import dev.muster.profile.ProfileQuery;
import dev.muster.profile.ProfileRoutes;
import dev.muster.profile.ProfileService;
import dev.muster.request.ForwardedHeaders;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Level;

/**
 * The composition root: makes all parts of the service once, and closes them in reverse.
 *
 * <p>One thread starts it and one shuts it down. It serves from its own.
 */
public final class App implements AutoCloseable {
    /** Enough for probes, scrapes and people. Also the limit of requests: each needs a connection. */
    private static final int ADMIN_CONNECTIONS = 64;

    private final AppConfig config;
    private final LogWriter log;
    private final Readiness readiness = new Readiness();
    private final Metrics metrics = new Metrics();
    private final ConnectionMetrics connectionMetrics = new ConnectionMetrics(metrics);
    private final CallMetrics callMetrics = new CallMetrics(metrics);
    private final BatchMetrics batchMetrics = new BatchMetrics(metrics);
    private final ProcessMetrics processMetrics;
    private final Admission admission = new Admission();
    private final InFlight inFlight = new InFlight();
    private final RecentRequests recentRequests;
    private final DeadlineTicker ticker;
    /** To be closed, the newest first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private final HttpListener server;
    private final HttpListener admin;

    private App(AppConfig config, List<Part<?>> parts, LogWriter log, Consumer<String> onLost) throws IOException {
        this.config = config;
        this.log = log;
        processMetrics = new ProcessMetrics(metrics, log::droppedLines, log::failedLines);
        try {
            recentRequests = new RecentRequests(config.admin().keptRequests());
            // Opened first and closed last, to show the health until the end.
            admin = listen(
                    new HttpListener.Settings(
                            "admin",
                            config.admin().host(),
                            config.admin().port(),
                            config.connection().withMaxConnections(ADMIN_CONNECTIONS),
                            ADMIN_CONNECTIONS,
                            // Platform threads do not wait behind the requests of clients.
                            true),
                    new AdminRoutes(readiness, this::isAlive, metrics, inFlight, recentRequests).endpoints(),
                    new AccessLog(Level.FINE),
                    onLost);
            ticker = own(new DeadlineTicker());
            server = listen(
                    new HttpListener.Settings(
                            "server",
                            config.server().host(),
                            config.server().port(),
                            config.connection(),
                            config.server().maxRequests(),
                            false),
                    endpoints(profileService(parts)),
                    new RequestMonitor(
                            new RequestMetrics(metrics, inFlight::count, admission::inside, admission::waiting),
                            inFlight,
                            recentRequests,
                            new AccessLog(Level.INFO)),
                    onLost);
            connectionMetrics.show(
                    Map.of("server", server::openConnections, "admin", admin::openConnections),
                    Map.of("server", server::idleConnections, "admin", admin::idleConnections));
        } catch (IOException | RuntimeException e) {
            closeAfter(e);
            throw e;
        }
    }

    /**
     * Starts the service.
     *
     * @param log shown by the health and the metrics; the caller closes it after the service
     * @param onLost gets the reason, at most once for each port, if a port accepts no client any more and the service must
     *     end. Must not wait for the end.
     * @throws IOException if a port cannot be bound or a trust store cannot be read. Nothing runs then.
     */
    public static App start(AppConfig config, LogWriter log, Consumer<String> onLost) throws IOException {
        return start(config, Part.ALL, log, onLost);
    }

    static App start(AppConfig config, List<Part<?>> parts, LogWriter log, Consumer<String> onLost) throws IOException {
        App app = new App(config, parts, log, onLost);
        app.readiness.started();
        return app;
    }

    private HttpListener listen(
            HttpListener.Settings settings, List<Endpoint> endpoints, RequestObserver observer, Consumer<String> onLost)
            throws IOException {
        String name = settings.name();
        return own(HttpListener.start(
                settings, endpoints, observer, cut -> connectionMetrics.cut(name, cut), new PortState(name, onLost)));
    }

    private final class PortState implements PortObserver {
        private final String port;
        private final Consumer<String> onLost;

        PortState(String port, Consumer<String> onLost) {
            this.port = port;
            this.onLost = onLost;
        }

        @Override
        public void failed() {
            readiness.cannotAccept(port);
            connectionMetrics.acceptFailed(port);
        }

        @Override
        public void recovered() {
            readiness.accepts(port);
        }

        @Override
        public void lost(String why) {
            onLost.accept(why);
        }
    }

    /** A stalled log does not stop the service, so only this check shows it. */
    private boolean isAlive() {
        Duration stuckAfter = config.log().stuckAfter();
        return stuckAfter.isZero() || log.stuckFor().compareTo(stuckAfter) < 0;
    }

    private ProfileService profileService(List<Part<?>> parts) throws IOException {
        List<ProfileService.Source<?>> sources = new ArrayList<>();
        for (Part<?> part : parts) {
            sources.add(source(part));
        }
        return new ProfileService(sources, ticker, config.deadline().reserve(), admission, callMetrics);
    }

    private <T> ProfileService.Source<T> source(Part<T> part) throws IOException {
        BackendConfig backend = Objects.requireNonNull(config.backends().get(part.backend()));
        BackendClient<T> client = own(BackendClient.open(
                part.backend(), backend, part.reader(), config.bulk().backendShare(), ticker));
        callMetrics.add(part.backend().label(), backend.baseUri(), client::poolUsage);
        return new ProfileService.Source<>(part, client);
    }

    private BulkRoutes bulkRoutes(ProfileService profiles, ForwardedHeaders forwarded) {
        BulkConfig bulk = config.bulk();
        WorkerPool workers = own(new WorkerPool(bulk.workers(), bulk.maxQueued(), batchMetrics::itemWaited));
        ByteBudget memory = new ByteBudget(bulk.maxBufferedBytes());
        batchMetrics.show(bulk.workers(), workers::active, workers::queued, memory::used);
        ProfileSource source = (id, deadline, handling, cancellation, context) -> {
            Profile profile = profiles.fetch(new ProfileQuery(id, deadline, handling, cancellation, context), _ -> {});
            return new ProfileSource.Fetched(ProfileJson.PROFILE.writeValueAsBytes(profile), profile.complete());
        };
        return new BulkRoutes(bulk, forwarded, source, workers, memory, ticker, batchMetrics);
    }

    private List<Endpoint> endpoints(ProfileService profiles) {
        ForwardedHeaders forwarded = ForwardedHeaders.of(config.backends().values());
        List<Endpoint> endpoints = new ArrayList<>(new DocRoutes().endpoints());
        endpoints.add(new ProfileRoutes(profiles, config.deadline(), config.handling(), forwarded).endpoint());
        endpoints.add(bulkRoutes(profiles, forwarded).endpoint());
        return endpoints;
    }

    public int port() {
        return server.port();
    }

    public int adminPort() {
        return admin.port();
    }

    private <T extends AutoCloseable> T own(T resource) {
        opened.addFirst(resource);
        return resource;
    }

    public void cancelRequests(Cause cause) {
        inFlight.cancelAll(cause);
    }

    /**
     * Takes the service down in its phases.
     *
     * @param why for the log
     * @return the exit code of the process
     */
    public int shutDown(String why) {
        return new Shutdown(
                        config.shutdown(),
                        readiness,
                        inFlight,
                        server,
                        this::closeAll,
                        phase -> processMetrics.shutdownPhase(phase.number()))
                .run(why);
    }

    /** Shuts down, if still open. */
    @Override
    public void close() {
        if (!opened.isEmpty()) {
            shutDown("closed");
        }
    }

    /** Closes everything, the newest first. The first failure carries the others. */
    private void closeAll() throws Exception {
        Exception first = null;
        while (!opened.isEmpty()) {
            try {
                opened.removeFirst().close();
            } catch (Exception e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void closeAfter(Exception cause) {
        try {
            closeAll();
        } catch (Exception e) {
            cause.addSuppressed(e);
        }
    }
}
