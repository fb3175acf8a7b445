package dev.muster.monitoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.backend.BackendCall;
import dev.muster.backend.CallOutcome;
import dev.muster.backend.CallTimes.Stage;
import dev.muster.http.Exchange;
import dev.muster.request.RequestHead;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The times of a request that has ended, and of each of its backend calls; nothing of their content. Immutable.
 *
 * <p>Times are milliseconds since the request began. A stage that was not reached has none.
 *
 * @param begunAt UTC
 * @param outcome complete, partial, or the problem's type
 * @param deadlineMs the time that the request was given
 * @param remainingMs the rest of it when the request ended; negative if that was too late
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RequestTimeline(
        String begunAt,
        String requestId,
        @Nullable String traceId,
        String method,
        String path,
        int status,
        String outcome,
        double durationMs,
        double deadlineMs,
        double remainingMs,
        List<Call> calls) {

    /**
     * One backend call.
     *
     * @param outcome success, or the failure in the words of {@code Server-Timing}
     * @param beganMs when it began to wait for a permit
     * @param permitMs when it had a permit, and began to look for a connection
     * @param connectedMs when it had a connection
     * @param sentMs when the request was written
     * @param firstByteMs when the first byte of the answer arrived
     * @param endedMs when the answer was read and checked, or the call had failed
     * @param remainingMs the rest of the request's time at that moment
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Call(
            String backend,
            String outcome,
            @Nullable Double beganMs,
            @Nullable Double permitMs,
            @Nullable Double connectedMs,
            @Nullable Double sentMs,
            @Nullable Double firstByteMs,
            @Nullable Double endedMs,
            @Nullable Double remainingMs) {

        private static Call of(BackendCall<?> call, double deadlineMs) {
            String failure = CallOutcome.failure(call.outcome());
            Double ended = millis(call, Stage.ENDED);
            return new Call(
                    call.backend(),
                    failure == null ? CallOutcome.SUCCESS : failure,
                    millis(call, Stage.BEGAN),
                    millis(call, Stage.PERMIT),
                    millis(call, Stage.CONNECTED),
                    millis(call, Stage.SENT),
                    millis(call, Stage.FIRST_BYTE),
                    ended,
                    ended == null ? null : round(deadlineMs - ended));
        }

        private static @Nullable Double millis(BackendCall<?> call, Stage stage) {
            Duration at = call.times().at(stage);
            return at == null ? null : RequestTimeline.millis(at.toNanos());
        }
    }

    static RequestTimeline of(Exchange exchange, Duration limit, int status) {
        RequestHead head = exchange.head();
        double duration = millis(head.elapsedNanos());
        double deadline = millis(limit.toNanos());
        return new RequestTimeline(
                Instant.now()
                        .minusNanos(head.elapsedNanos())
                        .truncatedTo(ChronoUnit.MICROS)
                        .toString(),
                head.requestId(),
                head.trace().traceId(),
                head.method(),
                head.path(),
                status,
                exchange.outcome().word(),
                duration,
                deadline,
                round(deadline - duration),
                exchange.calls().stream().map(call -> Call.of(call, deadline)).toList());
    }

    /** Milliseconds to three decimals, as the admin port shows them. */
    public static double millis(long nanos) {
        return round(nanos / 1e6);
    }

    /** Also for the difference of two such numbers, which has a rounding error of its own. */
    private static double round(double millis) {
        return Math.round(millis * 1e3) / 1e3;
    }
}
