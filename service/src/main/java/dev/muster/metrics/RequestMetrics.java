package dev.muster.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Counts and times requests of clients. Thread-safe. */
public final class RequestMetrics {
    private static final double[] OVERSHOOT_SECONDS = {0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};
    private static final Set<String> KNOWN_METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

    private final Histogram duration;
    private final Counter rejected;
    private final Counter profiles;
    private final Counter batches;
    private final Histogram deadlineOnArrival;
    private final Histogram deadlineOvershoot;
    private final Counter ignoredDeadlines;

    public RequestMetrics(Metrics metrics, DoubleSupplier active, DoubleSupplier fannedOut, DoubleSupplier waiting) {
        duration = metrics.durations(
                "http_server_request_duration_seconds",
                "Duration of HTTP server requests, from the head read to the answer written.",
                "http_request_method",
                "http_route",
                "http_response_status_code",
                "url_scheme");
        rejected = metrics.counter(
                "muster_server_requests_refused_total",
                "Requests rejected because there were too many already, by the reason.",
                "reason");
        rejected.initLabelValues("max-requests");
        rejected.initLabelValues("deadline");
        profiles = metrics.counter(
                "muster_profile_requests_total", "Requests for profiles with a deadline, by the result.", "result");
        profiles.initLabelValues("complete");
        batches = metrics.counter("muster_bulk_batches_total", "Batches, by the result.", "result");
        batches.initLabelValues("complete");
        deadlineOnArrival = metrics.durations(
                "muster_deadline_remaining_seconds", "Time of requests for profiles on their arrival.");
        deadlineOvershoot = metrics.histogram(
                OVERSHOOT_SECONDS,
                "muster_deadline_overshoot_seconds",
                "Time from the deadline to the answer, of requests that the deadline cancelled or that were late.");
        ignoredDeadlines =
                metrics.counter("muster_ignored_deadlines_total", "Headers with an unreadable deadline.", "header");
        metrics.gauge(
                values -> values.call(active.getAsDouble(), "http"),
                "http_server_active_requests",
                "HTTP server requests in flight.",
                "url_scheme");
        metrics.gauge(fannedOut, "muster_profiles_fanned_out", "Requests for profiles that call backends.");
        metrics.gauge(
                waiting, "muster_profiles_waiting", "Requests for profiles that wait for their turn to call backends.");
    }

    /** Counts a request. An unknown path has a null {@code route}, and no label: there is no limit to such paths. */
    public void ends(String method, @Nullable String route, int status, long nanos) {
        duration.labelValues(
                        KNOWN_METHODS.contains(method) ? method : "_OTHER",
                        route == null ? "" : route,
                        Integer.toString(status),
                        "http")
                .observe(Unit.nanosToSeconds(nanos));
    }

    public void rejected(String reason) {
        rejected.labelValues(reason).inc();
    }

    /** Counts a request for a profile by its result, and its time on arrival. */
    public void profileEnds(String result, long givenNanos) {
        profiles.labelValues(result).inc();
        deadlineOnArrival.observe(Unit.nanosToSeconds(givenNanos));
    }

    public void batchEnds(String result) {
        batches.labelValues(result).inc();
    }

    /** Counts a request that its deadline cancelled, or that was late; zero nanoseconds if it was in time. */
    public void deadlineReached(long overshootNanos) {
        deadlineOvershoot.observe(Unit.nanosToSeconds(overshootNanos));
    }

    public void deadlineIgnored(String header) {
        ignoredDeadlines.labelValues(header).inc();
    }
}
