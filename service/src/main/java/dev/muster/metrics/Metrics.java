package dev.muster.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.MetricWithFixedMetadata;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * The registry of all metrics, written in Prometheus' text form. Names and buckets of HTTP are those of OpenTelemetry's
 * semantic conventions, names of the JVM those of Prometheus' Java client. docs/operations.md has the table. Thread-safe.
 */
public final class Metrics {
    private static final double[] SECONDS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

    public Metrics() {
        JvmMetrics.builder().register(registry);
    }

    Counter counter(String name, String help, String... labels) {
        return add(Counter.builder(), name, help, labels);
    }

    /** A gauge that is asked for its values, each with its labels, at each scrape. */
    void gauge(Consumer<GaugeWithCallback.Callback> values, String name, String help, String... labels) {
        add(GaugeWithCallback.builder().callback(values), name, help, labels);
    }

    void gauge(DoubleSupplier value, String name, String help) {
        gauge(values -> values.call(value.getAsDouble()), name, help);
    }

    Histogram durations(String name, String help, String... labels) {
        return histogram(SECONDS, name, help, labels);
    }

    Histogram histogram(double[] upperBounds, String name, String help, String... labels) {
        return add(Histogram.builder().classicOnly().classicUpperBounds(upperBounds), name, help, labels);
    }

    <B extends MetricWithFixedMetadata.Builder<B, M>, M extends MetricWithFixedMetadata> M add(
            B metric, String name, String help, String... labels) {
        return metric.name(name).help(help).labelNames(labels).register(registry);
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
