package dev.muster.http;

import dev.muster.metrics.Metrics;
import org.jspecify.annotations.Nullable;

/** Keeps account of requests as they begin and end: in the metrics, and in the log. Thread-safe. */
public final class RequestRecorder {
    private final @Nullable Metrics metrics;
    private final RequestLog log;

    private RequestRecorder(@Nullable Metrics metrics, RequestLog log) {
        this.metrics = metrics;
        this.log = log;
    }

    /** Counts requests in {@code metrics} and logs each. */
    public static RequestRecorder counting(Metrics metrics, RequestLog log) {
        return new RequestRecorder(metrics, log);
    }

    /** Only logs: for probes and scrapes, which are not what the service is measured by. */
    public static RequestRecorder logging(RequestLog log) {
        return new RequestRecorder(null, log);
    }

    void begins() {
        if (metrics != null) {
            metrics.requestBegins();
        }
    }

    void ends(Exchange exchange, int status) {
        if (metrics != null) {
            metrics.requestEnds(exchange.method(), exchange.route(), status, exchange.elapsedNanos());
        }
        log.write(exchange, status);
    }
}
