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
                "0 while the service runs; 1 while it accepts no more, 2 while it cancels, 3 while it waits for that.");
        metrics.add(
                CounterWithCallback.builder().callback(counts -> {
                    counts.call(noRoom.getAsDouble(), "no-room");
                    counts.call(failed.getAsDouble(), "failed");
                }),
                "muster_log_lines_dropped_total",
                "Lines of the log that were lost, by the reason.",
                "reason");
    }

    public void shutdownPhase(int number) {
        shutdownPhase.set(number);
    }
}
