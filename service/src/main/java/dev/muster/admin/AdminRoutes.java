package dev.muster.admin;

import dev.muster.http.Endpoint;
import dev.muster.http.ResponseWriter;
import dev.muster.lifecycle.InFlight;
import dev.muster.lifecycle.Readiness;
import dev.muster.metrics.Metrics;
import dev.muster.monitoring.RecentRequests;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** The admin port: health for the orchestrator, metrics for Prometheus, requests for people. Thread-safe. */
public final class AdminRoutes {
    private static final Header JSON = HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Header PROMETHEUS =
            HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    private static final ObjectWriter RUNNING = JsonMapper.shared().writerFor(RunningRequests.class);
    private static final ObjectWriter KEPT = JsonMapper.shared().writerFor(RecentRequests.Kept.class);

    private final Readiness readiness;
    private final Metrics metrics;
    private final BooleanSupplier alive;
    private final InFlight inFlight;
    private final RecentRequests recentRequests;

    /** @param alive false when only a restart helps */
    public AdminRoutes(
            Readiness readiness,
            BooleanSupplier alive,
            Metrics metrics,
            InFlight inFlight,
            RecentRequests recentRequests) {
        this.readiness = readiness;
        this.alive = alive;
        this.metrics = metrics;
        this.inFlight = inFlight;
        this.recentRequests = recentRequests;
    }

    public List<Endpoint> endpoints() {
        return List.of(
                health("/health/live", alive),
                health("/health/ready", readiness::isReady),
                health("/health/started", () -> readiness.state() != Readiness.State.STARTING),
                metricsEndpoint(),
                json("/in-flight", () -> RUNNING.writeValueAsBytes(RunningRequests.of(inFlight))),
                json("/requests", () -> KEPT.writeValueAsBytes(recentRequests.kept())));
    }

    private static Endpoint health(String path, BooleanSupplier up) {
        return Endpoint.get(
                path, List.of("application/json"), List.of(ResponseWriter.NO_STORE), (request, response, mediaType) -> {
                    boolean isUp = up.getAsBoolean();
                    byte[] body = (isUp ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}")
                            .getBytes(StandardCharsets.US_ASCII);
                    ResponseWriter.send(request, response, isUp ? 200 : 503, JSON, body);
                });
    }

    private static Endpoint json(String path, Supplier<byte[]> body) {
        return Endpoint.get(
                path,
                List.of("application/json"),
                List.of(ResponseWriter.NO_STORE),
                (request, response, mediaType) -> ResponseWriter.send(request, response, 200, JSON, body.get()));
    }

    private Endpoint metricsEndpoint() {
        return Endpoint.get(
                "/metrics",
                List.of("text/plain"),
                List.of(ResponseWriter.NO_STORE),
                (request, response, mediaType) ->
                        ResponseWriter.send(request, response, 200, PROMETHEUS, metrics.scrape()));
    }
}
