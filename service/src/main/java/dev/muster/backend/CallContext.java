package dev.muster.backend;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a backend call takes over from its request. Immutable: all branches of a request, and all workers of a batch,
 * share one.
 *
 * @param begunNanos when the request began, by {@link System#nanoTime()}
 * @param requestId goes out as {@code X-Request-Id}
 * @param traceparent W3C trace context, valid, or null
 * @param tracestate null without a traceparent
 * @param forwarded the values of the request's headers for backends, one for each line, by their configured name
 * @param callClass the priority of the call where connections are few
 */
public record CallContext(
        long begunNanos,
        String requestId,
        @Nullable String traceparent,
        @Nullable String tracestate,
        Map<String, List<String>> forwarded,
        CallClass callClass) {

    public CallContext {
        forwarded = Map.copyOf(forwarded);
    }

    public CallContext asBulk() {
        return with(CallClass.BULK);
    }

    public CallContext asAdmitted() {
        return with(CallClass.ADMITTED);
    }

    private CallContext with(CallClass other) {
        return new CallContext(begunNanos, requestId, traceparent, tracestate, forwarded, other);
    }
}
