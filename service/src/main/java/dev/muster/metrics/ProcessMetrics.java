package dev.muster.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.function.DoubleSupplier;

/** Shows the state of the process: its shutdown and its log. Thread-safe. */
public final class ProcessMetrics {
    private final Gauge shutdownPhase;

    public ProcessMetrics(Metrics metrics, DoubleSupplier noRoom, DoubleSupplier failed) {
        shutdownPhase = metrics.add(
                Gauge.builder(),
                "muster_shutdown_phase",
                "0: the service runs; 1: it accepts no more; 2: it cancels; 3: it waits for cancelled requests.");
        metrics.add(
                CounterWithCallback.builder().callback(counts -> {
                    counts.call(noRoom.getAsDouble(), "no-room");
                    counts.call(failed.getAsDouble(), "failed");
                }),
                "muster_log_lines_dropped_total",
                "Lost lines of the log, by the reason.",
                "reason");
    }

    public void shutdownPhase(int number) {
        shutdownPhase.set(number);
    }
}
