package dev.muster.metrics;

import dev.muster.connection.Cut;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Counts connections of clients, by the listener. Thread-safe. */
public final class ConnectionMetrics {
    private final Metrics metrics;
    private final Counter acceptFailures;
    private final Counter cuts;

    public ConnectionMetrics(Metrics metrics) {
        this.metrics = metrics;
        acceptFailures = metrics.counter(
                "muster_server_accept_failures_total", "Failed attempts to accept a connection.", "listener");
        cuts = metrics.counter(
                "muster_server_connections_cut_total",
                "Connections of clients that the server ended, by the reason.",
                "listener",
                "reason");
        for (String listener : List.of("server", "admin")) {
            acceptFailures.initLabelValues(listener);
            for (Cut reason : Cut.values()) {
                cuts.initLabelValues(listener, reason.word());
            }
        }
    }

    /** Shows the open connections of each listener, and those without a request. */
    public void show(Map<String, DoubleSupplier> open, Map<String, DoubleSupplier> idle) {
        metrics.gauge(
                values -> open.forEach((listener, count) -> values.call(count.getAsDouble(), listener)),
                "muster_server_open_connections",
                "Connections of clients.",
                "listener");
        metrics.gauge(
                values -> idle.forEach((listener, count) -> values.call(count.getAsDouble(), listener)),
                "muster_server_idle_connections",
                "Connections of clients that wait for a request.",
                "listener");
    }

    public void acceptFailed(String listener) {
        acceptFailures.labelValues(listener).inc();
    }

    public void cut(String listener, Cut reason) {
        cuts.labelValues(listener, reason.word()).inc();
    }
}
