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
 * The composition root: everything that the service consists of is made here, once, and closed here in reverse.
 *
 * <p>Started by one thread and shut down by one; serves from its own.
 */
public final class App implements AutoCloseable {
    /** Enough for probes, scrapes and people; a request needs a connection, so that there are no more of those. */
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
    /** What must be closed, the newest first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private final HttpListener server;
    private final HttpListener admin;

    private App(AppConfig config, List<Part<?>> parts, LogWriter log, Consumer<String> onLost) throws IOException {
        this.config = config;
        this.log = log;
        processMetrics = new ProcessMetrics(metrics, log::refusedLines, log::failedLines);
        try {
            recentRequests = new RecentRequests(config.admin().keptRequests());
            // Opened first and so closed last: health can be read for as long as there is anything to tell.
            admin = own(HttpListener.start(
                    new HttpListener.Settings(
                            "admin",
                            config.admin().host(),
                            config.admin().port(),
                            config.connection().withMaxConnections(ADMIN_CONNECTIONS),
                            ADMIN_CONNECTIONS,
                            // So few can have them, and whoever asks how the service is need not wait behind its
                            // clients.
                            true),
                    new AdminRoutes(readiness, this::isAlive, metrics, inFlight, recentRequests).endpoints(),
                    new AccessLog(Level.FINE),
                    cut -> connectionMetrics.cut("admin", cut),
                    new PortState("admin", onLost)));
            ticker = own(new DeadlineTicker());
            ProfileService profiles = profileService(parts);
            List<Endpoint> endpoints = endpoints(profiles);
            server = own(HttpListener.start(
                    new HttpListener.Settings(
                            "server",
                            config.server().host(),
                            config.server().port(),
                            config.connection(),
                            config.server().maxRequests(),
                            false),
                    endpoints,
                    new RequestMonitor(
                            new RequestMetrics(metrics, inFlight::count, admission::inside, admission::waiting),
                            inFlight,
                            recentRequests,
                            new AccessLog(Level.INFO)),
                    cut -> connectionMetrics.cut("server", cut),
                    new PortState("server", onLost)));
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
     * @param log whose state is shown; it belongs to the caller, and outlives the service
     * @param onLost is told, at most once for each port, why the service can let no client in any more and is to be taken
     *     down; called on a thread that must not wait for that
     * @throws IOException if a port cannot be bound or a trust store cannot be read; nothing is left running then
     */
    public static App start(AppConfig config, LogWriter log, Consumer<String> onLost) throws IOException {
        return start(config, Part.ALL, log, onLost);
    }

    static App start(AppConfig config, List<Part<?>> parts, LogWriter log, Consumer<String> onLost) throws IOException {
        App app = new App(config, parts, log, onLost);
        app.readiness.started();
        return app;
    }

    /** Makes known whether a port lets clients in. */
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

    /** A log that stands still can be seen from nowhere else: the service goes on without. */
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

    /** The port that serves profiles. */
    public int port() {
        return server.port();
    }

    /** The port that serves health and metrics. */
    public int adminPort() {
        return admin.port();
    }

    private <T extends AutoCloseable> T own(T resource) {
        opened.addFirst(resource);
        return resource;
    }

    /** Ends the backend calls of every request that is served now, which is answered accordingly. */
    public void cancelRequests(Cause cause) {
        inFlight.cancelAll(cause);
    }

    /**
     * Takes the service down in its phases, and leaves nothing running.
     *
     * @param why for the log
     * @return the process' exit code
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

    /** Shuts down, unless that has been done. */
    @Override
    public void close() {
        if (!opened.isEmpty()) {
            shutDown("closed");
        }
    }

    /** Closes everything, newest first; later failures are suppressed on the first. */
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
