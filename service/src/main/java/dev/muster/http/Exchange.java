package dev.muster.http;

import dev.muster.backend.BackendCall;
import dev.muster.backend.CallClass;
import dev.muster.backend.CallContext;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import dev.muster.lifecycle.InFlight;
import dev.muster.problem.Problem;
import dev.muster.problem.ProblemType;
import dev.muster.request.RequestTarget;
import dev.muster.request.TraceContext;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one request while it is served, gathered for its answer, its log line and its metrics.
 *
 * <p>Used by the request's own thread alone, but for what may be asked of an {@link InFlight.Request}.
 * {@link RequestFilter} makes it; the handler of the same thread finds it as {@link #current()}, which saves Helidon's
 * per-request context, and passes what is needed below as arguments.
 */
public final class Exchange implements InFlight.Request {
    static final ScopedValue<Exchange> CURRENT = ScopedValue.newInstance();
    private static final HeaderName X_REQUEST_ID = HeaderNames.create("X-Request-Id");
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final long startNanos = System.nanoTime();
    private final String method;
    private final String path;
    private final Headers headers;
    private final String requestId;
    private final TraceContext trace;
    private final Cancellation cancellation = new Cancellation();
    private final Thread thread = Thread.currentThread();
    private @Nullable String route;
    private @Nullable Problem problem;
    private @Nullable Throwable failure;
    private boolean clientGone;
    private boolean begun;
    private boolean brokenOff;
    private @Nullable Deadline deadline;
    private Duration deadlineOnArrival = Duration.ZERO;
    private List<String> ignoredDeadlines = List.of();
    private volatile List<BackendCall<?>> calls = List.of();
    private boolean partial;
    private boolean batch;
    private @Nullable BatchCounts counts;

    /** An exchange that begins now; {@code target} is the request target as it was read, empty where none was. */
    Exchange(String method, String target, Headers headers) {
        this.method = method;
        this.path = RequestTarget.path(target);
        this.headers = headers;
        this.requestId = requestId(headers);
        this.trace = TraceContext.of(headers);
    }

    /** The exchange that this thread serves. */
    public static Exchange current() {
        return CURRENT.get();
    }

    private static String requestId(Headers headers) {
        if (headers.contains(X_REQUEST_ID)) {
            String given = headers.get(X_REQUEST_ID).get();
            if (REQUEST_ID.matcher(given).matches()) {
                return given;
            }
        }
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    /** What a backend call carries over from this request, {@code forwarded} of its headers among it. */
    public CallContext callContext(ForwardedHeaders forwarded) {
        return new CallContext(
                startNanos, requestId, trace.traceparent(), trace.tracestate(), forwarded.of(this), CallClass.SINGLE);
    }

    /**
     * The values of a header of the request, as many as there are lines of it. For the request's own thread: Helidon reads
     * them when it is asked for them.
     */
    List<String> headerValues(HeaderName name) {
        // Line by line: values() would take a line apart at its commas, which Authorization has its own use for.
        return headers.contains(name) ? headers.all(name, List::of) : List.of();
    }

    /** Gives the request {@code limit} from its beginning, which is when its head had been read. */
    Deadline deadlineAfter(Duration limit) {
        Deadline made = Deadline.after(limit.minusNanos(elapsedNanos()));
        deadline = made;
        deadlineOnArrival = limit;
        return made;
    }

    /** Notes that a header which states a deadline could not be read. */
    void ignoresDeadline(String header) {
        if (ignoredDeadlines.isEmpty()) {
            ignoredDeadlines = new ArrayList<>();
        }
        ignoredDeadlines.add(header);
    }

    /** Ends the request's backend calls, when cancelled. */
    @Override
    public Cancellation cancellation() {
        return cancellation;
    }

    /** Says which backend calls are made. */
    public void calls(List<BackendCall<?>> begun) {
        calls = begun;
    }

    /** Says that the answer is good but lacks something. */
    public void partial() {
        partial = true;
    }

    /** Says that the request is for many profiles. */
    public void beginsBatch() {
        batch = true;
    }

    /** Says what has become of a batch's ids. */
    public void endsBatch(BatchCounts ended) {
        counts = ended;
    }

    void route(String pattern) {
        route = pattern;
    }

    void failed(Problem why, @Nullable Throwable cause) {
        problem = why;
        failure = cause;
    }

    /** Says that a part of the answer is sent, so that its status is settled. */
    void answerBegins() {
        begun = true;
    }

    boolean isBegun() {
        return begun;
    }

    /** Says that the answer ends in its midst, for a problem that the client cannot be told any more. */
    void breaksOff(Problem why, Throwable cause) {
        failed(why, cause);
        brokenOff = true;
    }

    boolean isBrokenOff() {
        return brokenOff;
    }

    @Override
    public String method() {
        return method;
    }

    /** The request's path as it stands on the wire, not decoded; empty where none was read. */
    @Override
    public String path() {
        return path;
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public Duration age() {
        return Duration.ofNanos(elapsedNanos());
    }

    @Override
    public List<String> waitingFor() {
        return calls.stream()
                .map(BackendCall::branch)
                .filter(branch -> branch.outcome() == null)
                .map(Branch::name)
                .toList();
    }

    @Override
    public Thread thread() {
        return thread;
    }

    @Override
    public boolean endedByShutdown() {
        Problem failed = problem;
        BatchCounts counted = counts;
        return (failed != null && failed.type() == ProblemType.DRAINING)
                || (counted != null && Cause.SHUTDOWN.word().equals(counted.cause()));
    }

    public @Nullable String traceId() {
        return trace.traceId();
    }

    public @Nullable String route() {
        return route;
    }

    public @Nullable Problem problem() {
        return problem;
    }

    public @Nullable Throwable failure() {
        return failure;
    }

    public List<BackendCall<?>> calls() {
        return calls;
    }

    public boolean isPartial() {
        BatchCounts counted = counts;
        return counted == null ? partial : !counted.complete();
    }

    public boolean isBatch() {
        return batch;
    }

    /** What has become of a batch's ids; null where the request is no batch, or was refused. */
    public @Nullable BatchCounts counts() {
        return counts;
    }

    /** The deadline, where the request has one. */
    public @Nullable Deadline deadline() {
        return deadline;
    }

    /** How much time the request was given. */
    public Duration deadlineOnArrival() {
        return deadlineOnArrival;
    }

    /** The headers that should have stated a deadline and could not be read. */
    public List<String> ignoredDeadlines() {
        return ignoredDeadlines;
    }

    /** What the request's calls were cancelled by, if any was. */
    public @Nullable Cause cancelledBy() {
        for (BackendCall<?> call : calls) {
            if (call.outcome() instanceof Outcome.Cancelled<?> cancelled) {
                return cancelled.cause();
            }
        }
        return null;
    }

    /** Says that nobody is there any more to answer to. */
    void clientHasGone() {
        clientGone = true;
    }

    public boolean clientGone() {
        return clientGone;
    }

    /** In a word, what became of it: complete, partial, or what went wrong. */
    public String outcome() {
        if (clientGone) {
            return Cause.CLIENT_GONE.word();
        }
        Problem failed = problem;
        return failed != null ? failed.type().slug() : isPartial() ? "partial" : "complete";
    }

    public long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }
}
