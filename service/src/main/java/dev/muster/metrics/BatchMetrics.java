package dev.muster.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.function.DoubleSupplier;

/** Counts the ids of batches, and shows the load of batches. Thread-safe. */
public final class BatchMetrics {
    private final Metrics metrics;
    private final Counter items;
    private final Counter rejected;
    private final Histogram wait;

    public BatchMetrics(Metrics metrics) {
        this.metrics = metrics;
        items = metrics.counter(
                "muster_bulk_items_total", "Ids of batches, repeated ones once, by the result.", "result");
        items.initLabelValues("complete");
        rejected = metrics.counter(
                "muster_bulk_rejected_total",
                "Batches without room at their beginning or later, by the full part.",
                "reason");
        rejected.initLabelValues("queue");
        rejected.initLabelValues("memory");
        wait = metrics.durations(
                "muster_bulk_queue_wait_seconds",
                "Wait of the ids of batches for a worker, or for the client to read.");
    }

    public void show(int workers, DoubleSupplier active, DoubleSupplier queued, DoubleSupplier bufferedBytes) {
        metrics.gauge(() -> workers, "muster_bulk_workers", "Workers for ids of batches.");
        metrics.gauge(active, "muster_bulk_active_workers", "Workers that work on an id.");
        metrics.gauge(queued, "muster_bulk_queued_items", "Ids of batches that wait for a worker.");
        metrics.gauge(
                bufferedBytes, "muster_bulk_buffered_bytes", "Bytes of batches' requests and of unwritten results.");
    }

    public void rejected(String reason) {
        rejected.labelValues(reason).inc();
    }

    public void itemEnds(String result) {
        items.labelValues(result).inc();
    }

    public void itemsDropped(int count) {
        items.labelValues("not-attempted").inc(count);
    }

    public void itemWaited(long nanos) {
        wait.observe(Unit.nanosToSeconds(nanos));
    }
}
