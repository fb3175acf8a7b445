package dev.muster.metrics;

import dev.muster.backend.BackendClient.PoolUsage;
import dev.muster.concurrent.Cancellation.Cause;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Unit;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Counts and times calls to backends, and shows their connections. Thread-safe. */
public final class CallMetrics {
    private record Backend(String host, String port, Supplier<PoolUsage> pool) {}

    private final Map<String, Backend> backends = new ConcurrentHashMap<>();
    private final Histogram duration;
    private final Counter cancellations;

    public CallMetrics(Metrics metrics) {
        duration = metrics.durations(
                "http_client_request_duration_seconds",
                "Duration of calls to backends, with the wait for a connection.",
                "backend",
                "outcome",
                "http_request_method",
                "server_address",
                "server_port");
        cancellations = metrics.counter(
                "muster_cancellations_total",
                "Requests and batch ids with cancelled backend calls, by the cause.",
                "cause");
        for (Cause cause : Cause.values()) {
            cancellations.initLabelValues(cause.word());
        }
        metrics.gauge(
                values -> backends.forEach((name, backend) -> {
                    PoolUsage usage = backend.pool().get();
                    values.call(usage.active(), name, "active");
                    values.call(usage.idle(), name, "idle");
                }),
                "http_client_open_connections",
                "Connections to backends.",
                "backend",
                "http_connection_state");
        metrics.gauge(
                values -> backends.forEach(
                        (name, backend) -> values.call(backend.pool().get().waiting(), name)),
                "muster_backend_waiting_calls",
                "Backend calls that wait for a connection.",
                "backend");
    }

    /** Makes a backend known, before its first call is counted. */
    public void add(String name, URI baseUri, Supplier<PoolUsage> pool) {
        int port = baseUri.getPort() != -1 ? baseUri.getPort() : "https".equals(baseUri.getScheme()) ? 443 : 80;
        backends.put(name, new Backend(baseUri.getHost(), Integer.toString(port), pool));
    }

    public void ends(String name, String outcome, long nanos) {
        Backend backend = Objects.requireNonNull(backends.get(name), name);
        duration.labelValues(name, outcome, "GET", backend.host(), backend.port())
                .observe(Unit.nanosToSeconds(nanos));
    }

    public void cancelled(Cause cause) {
        cancellations.labelValues(cause.word()).inc();
    }
}
