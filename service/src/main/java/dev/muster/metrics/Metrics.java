package dev.muster.metrics;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.connection.Cut;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the service counts and measures: HTTP under the names and with the buckets of OpenTelemetry's semantic
 * conventions, the JVM under the names of Prometheus' Java client, in Prometheus' text form. docs/operations.md has the
 * table. Thread-safe.
 */
public final class Metrics {
    private static final double[] SECONDS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};
    private static final double[] OVERSHOOT_SECONDS = {0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String COMPLETE = "complete";
    private static final String OTHER_METHOD = "_OTHER";
    private static final Set<String> KNOWN_METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final Map<String, Address> addresses = new ConcurrentHashMap<>();
    private final Histogram serverDuration;
    private final Histogram clientDuration;
    private final GaugeDataPoint activeRequests;
    private final Counter profileRequests;
    /** Bound once, as nearly all are. */
    private final CounterDataPoint completeProfiles;

    private final Counter acceptFailures;
    private final Counter connectionsCut;
    private final Counter requestsRefused;
    private final Counter cancellations;
    private final Counter ignoredDeadlines;
    private final Gauge shutdownPhase;
    private final Counter bulkBatches;
    private final Counter bulkItems;
    private final Counter bulkRejected;
    private final DistributionDataPoint bulkWait;
    private final DistributionDataPoint deadlineOnArrival;
    private final DistributionDataPoint deadlineOvershoot;

    public Metrics() {
        JvmMetrics.builder().register(registry);
        serverDuration = Histogram.builder()
                .name("http_server_request_duration_seconds")
                .help("Duration of HTTP server requests, from the head read to the answer written.")
                .labelNames("http_request_method", "http_route", "http_response_status_code", "url_scheme")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
        clientDuration = Histogram.builder()
                .name("http_client_request_duration_seconds")
                .help("Duration of calls to backends, waiting for a connection included.")
                .labelNames("backend", "outcome", "http_request_method", "server_address", "server_port")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
        activeRequests = Gauge.builder()
                .name("http_server_active_requests")
                .help("HTTP server requests in flight.")
                .labelNames("url_scheme")
                .register(registry)
                .labelValues("http");
        profileRequests = Counter.builder()
                .name("muster_profile_requests_total")
                .help("Requests for profiles that got as far as to have a deadline, by what became of them.")
                .labelNames("result")
                .register(registry);
        completeProfiles = profileRequests.labelValues(COMPLETE);
        acceptFailures = Counter.builder()
                .name("muster_server_accept_failures_total")
                .help("Attempts to accept a connection of a client that failed.")
                .labelNames("listener")
                .register(registry);
        acceptFailures.initLabelValues("server");
        acceptFailures.initLabelValues("admin");
        connectionsCut = Counter.builder()
                .name("muster_server_connections_cut_total")
                .help("Connections of clients that the server ended, by the reason.")
                .labelNames("listener", "reason")
                .register(registry);
        requestsRefused = Counter.builder()
                .name("muster_server_requests_refused_total")
                .help("Requests refused because there were too many already, by the reason.")
                .labelNames("reason")
                .register(registry);
        for (String reason : List.of("max-requests", "deadline")) {
            requestsRefused.initLabelValues(reason);
        }
        cancellations = Counter.builder()
                .name("muster_cancellations_total")
                .help("Requests whose backend calls were ended before they were done, by the cause.")
                .labelNames("cause")
                .register(registry);
        for (Cut reason : Cut.values()) {
            connectionsCut.initLabelValues("server", reason.word());
            connectionsCut.initLabelValues("admin", reason.word());
        }
        for (Cause cause : Cause.values()) {
            cancellations.initLabelValues(cause.word());
        }
        ignoredDeadlines = Counter.builder()
                .name("muster_ignored_deadlines_total")
                .help("Headers that state a deadline which cannot be read.")
                .labelNames("header")
                .register(registry);
        bulkBatches = Counter.builder()
                .name("muster_bulk_batches_total")
                .help("Batches, by what became of them.")
                .labelNames("result")
                .register(registry);
        bulkItems = Counter.builder()
                .name("muster_bulk_items_total")
                .help("Ids of batches, repeated ones once, by what became of them.")
                .labelNames("result")
                .register(registry);
        bulkRejected = Counter.builder()
                .name("muster_bulk_rejected_total")
                .help("Batches that there was no room for, or not to their end, by what was full.")
                .labelNames("reason")
                .register(registry);
        bulkBatches.initLabelValues(COMPLETE);
        bulkItems.initLabelValues(COMPLETE);
        bulkRejected.initLabelValues("queue");
        bulkRejected.initLabelValues("memory");
        bulkWait = Histogram.builder()
                .name("muster_bulk_queue_wait_seconds")
                .help("How long ids of batches waited for a worker, or for their batch to be read.")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
        shutdownPhase = Gauge.builder()
                .name("muster_shutdown_phase")
                .help("0 while the service runs; 1 while it accepts no more, 2 while it cancels, 3 while it waits for"
                        + " that.")
                .register(registry);
        deadlineOnArrival = Histogram.builder()
                .name("muster_deadline_remaining_seconds")
                .help("Time that requests for profiles had on their arrival.")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
        deadlineOvershoot = Histogram.builder()
                .name("muster_deadline_overshoot_seconds")
                .help("How long after its deadline a request was answered that the deadline had ended, or that was"
                        + " late.")
                .classicOnly()
                .classicUpperBounds(OVERSHOOT_SECONDS)
                .register(registry);
    }

    public void requestBegins() {
        activeRequests.inc();
    }

    /** Counts a request. A null {@code route} is a path that leads nowhere; it has no label, as there is no end of them. */
    public void requestEnds(String method, @Nullable String route, int status, long nanos) {
        activeRequests.dec();
        serverDuration
                .labelValues(
                        KNOWN_METHODS.contains(method) ? method : OTHER_METHOD,
                        route == null ? "" : route,
                        Integer.toString(status),
                        "http")
                .observe(nanos / NANOS_PER_SECOND);
    }

    /** Counts a request for a profile: complete, partial or what went wrong, and the time that it had on its arrival. */
    public void profileEnds(String result, long givenNanos) {
        (result.equals(COMPLETE) ? completeProfiles : profileRequests.labelValues(result)).inc();
        deadlineOnArrival.observe(givenNanos / NANOS_PER_SECOND);
    }

    /** Counts a request that its deadline ended, or that was answered later; zero nanoseconds if it was in time. */
    public void deadlineReached(long overshootNanos) {
        deadlineOvershoot.observe(overshootNanos / NANOS_PER_SECOND);
    }

    /** Counts a header whose deadline could not be read. */
    public void deadlineIgnored(String header) {
        ignoredDeadlines.labelValues(header).inc();
    }

    /** Counts an attempt to accept a connection of a client that failed. */
    public void acceptFailed(String listener) {
        acceptFailures.labelValues(listener).inc();
    }

    /** Counts a connection of a client that the server ended. */
    public void connectionCut(String listener, Cut reason) {
        connectionsCut.labelValues(listener, reason.word()).inc();
    }

    /** Counts a request that there was no room for. */
    public void requestRefused(String reason) {
        requestsRefused.labelValues(reason).inc();
    }

    /** Shows how many requests for profiles call backends, and wait to do so, asked for at each scrape. */
    public void admission(IntSupplier inside, IntSupplier waiting) {
        gauge("muster_profiles_fanned_out", "Requests for profiles that call backends.", inside::getAsInt);
        gauge(
                "muster_profiles_waiting",
                "Requests for profiles that wait for their turn to call backends.",
                waiting::getAsInt);
    }

    /** Counts a request whose backend calls were ended before they were done. */
    public void cancelled(Cause cause) {
        cancellations.labelValues(cause.word()).inc();
    }

    /** Counts a batch: complete, partial or what went wrong. */
    public void batchEnds(String result) {
        bulkBatches.labelValues(result).inc();
    }

    /** Counts a batch that there was no room for. */
    public void batchRejected(String reason) {
        bulkRejected.labelValues(reason).inc();
    }

    /** Counts an id of a batch: complete, partial or what went wrong. */
    public void bulkItemEnds(String result) {
        bulkItems.labelValues(result).inc();
    }

    /** Counts ids of a batch that were never begun. */
    public void bulkItemsDropped(int items) {
        bulkItems.labelValues("not-attempted").inc(items);
    }

    /** Counts how long an id of a batch waited until it was begun. */
    public void bulkItemWaited(long nanos) {
        bulkWait.observe(nanos / NANOS_PER_SECOND);
    }

    /** Shows what batches take of the service, asked for at each scrape. */
    public void bulk(int workers, IntSupplier active, IntSupplier queued, LongSupplier bufferedBytes) {
        Gauge.builder()
                .name("muster_bulk_workers")
                .help("Workers for ids of batches.")
                .register(registry)
                .set(workers);
        gauge("muster_bulk_active_workers", "Workers that work on an id.", active::getAsInt);
        gauge("muster_bulk_queued_items", "Ids of batches that wait for a worker.", queued::getAsInt);
        gauge("muster_bulk_buffered_bytes", "Bytes of batches' requests and of results that are not written yet.", () ->
                (double) bufferedBytes.getAsLong());
    }

    /** Shows how many lines of the log were lost, by the reason, asked for at each scrape. */
    public void droppedLines(LongSupplier noRoom, LongSupplier failed) {
        CounterWithCallback.builder()
                .name("muster_log_lines_dropped_total")
                .help("Lines of the log that were lost, by the reason.")
                .labelNames("reason")
                .callback(callback -> {
                    callback.call((double) noRoom.getAsLong(), "no-room");
                    callback.call((double) failed.getAsLong(), "failed");
                })
                .register(registry);
    }

    private void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    /** Shows that the service is being shut down, and how far that is: 1 for the first phase. */
    public void shutdownPhase(int number) {
        shutdownPhase.set(number);
    }

    /** Makes a backend known, before its first call is counted. */
    public void backend(String name, URI baseUri) {
        int port = baseUri.getPort() != -1 ? baseUri.getPort() : "https".equals(baseUri.getScheme()) ? 443 : 80;
        addresses.put(name, new Address(baseUri.getHost(), Integer.toString(port)));
    }

    /** Counts a call to a backend by its outcome. */
    public void backendCallEnds(String backend, String outcome, long nanos) {
        Address address = Objects.requireNonNull(addresses.get(backend), backend);
        clientDuration
                .labelValues(backend, outcome, "GET", address.host(), address.port())
                .observe(nanos / NANOS_PER_SECOND);
    }

    private record Address(String host, String port) {}

    /** Shows how many connections of clients each listener has open, asked for at each scrape. */
    public void openConnections(Map<String, IntSupplier> listeners) {
        connectionsByListener("muster_server_open_connections", "Connections of clients.", listeners);
    }

    /** Shows on how many of them no request has begun, asked for at each scrape. */
    public void idleConnections(Map<String, IntSupplier> listeners) {
        connectionsByListener(
                "muster_server_idle_connections", "Connections of clients that wait for a request.", listeners);
    }

    private void connectionsByListener(String name, String help, Map<String, IntSupplier> listeners) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("listener")
                .callback(callback -> listeners.forEach((listener, count) -> callback.call(count.getAsInt(), listener)))
                .register(registry);
    }

    /** Shows the state of the backends' connections, asked for at each scrape. */
    public void connections(PoolStates pools) {
        GaugeWithCallback.builder()
                .name("http_client_open_connections")
                .help("Connections to backends.")
                .labelNames("backend", "http_connection_state")
                .callback(callback -> pools.report((backend, active, idle, waiting) -> {
                    callback.call(active, backend, "active");
                    callback.call(idle, backend, "idle");
                }))
                .register(registry);
        GaugeWithCallback.builder()
                .name("muster_backend_waiting_calls")
                .help("Backend calls that wait for a connection.")
                .labelNames("backend")
                .callback(callback -> pools.report((backend, active, idle, waiting) -> callback.call(waiting, backend)))
                .register(registry);
    }

    /** Reports every pool's state to a consumer. */
    @FunctionalInterface
    public interface PoolStates {
        void report(PoolState consumer);
    }

    /** Takes one pool's state. */
    @FunctionalInterface
    public interface PoolState {
        void accept(String backend, int active, int idle, int waiting);
    }

    /** Everything, in Prometheus' text exposition format 0.0.4, UTF-8. */
    public byte[] scrape() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(16_384);
        try {
            writer.write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
