package dev.muster.http;

import dev.muster.backend.BackendCall;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.lifecycle.InFlight;
import dev.muster.request.RequestHead;
import dev.muster.request.RequestTerms;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request while it is served: its head and terms, its backend calls, and its outcome.
 *
 * <p>Only the request's own thread uses it, except for the methods of {@link InFlight.Request}. {@link RequestFilter}
 * makes it, and a handler finds it as {@link #current()}. Code below a handler gets what it needs as arguments.
 */
public final class Exchange implements InFlight.Request {
    static final ScopedValue<Exchange> CURRENT = ScopedValue.newInstance();

    private final RequestHead head;
    private final RequestOutcome outcome = new RequestOutcome();
    private final Cancellation cancellation = new Cancellation();
    private final Thread thread = Thread.currentThread();
    private @Nullable String route;
    private @Nullable RequestTerms terms;
    private boolean batch;
    private volatile List<BackendCall<?>> calls = List.of();

    Exchange(RequestHead head) {
        this.head = head;
    }

    /** The exchange that this thread serves. */
    public static Exchange current() {
        return CURRENT.get();
    }

    public RequestHead head() {
        return head;
    }

    public RequestOutcome outcome() {
        return outcome;
    }

    void route(String pattern) {
        route = pattern;
    }

    /** The path pattern of the endpoint that serves the request; null if there is none. */
    public @Nullable String route() {
        return route;
    }

    /** The request is for a profile, and these are its terms. */
    public void beginsProfile(RequestTerms read) {
        terms = read;
    }

    /** The request is for many profiles, and these are its terms. */
    public void beginsBatch(RequestTerms read) {
        terms = read;
        batch = true;
    }

    /** Null if the request is for no profile, or was rejected before its terms were read. */
    public @Nullable RequestTerms terms() {
        return terms;
    }

    public boolean isBatch() {
        return batch;
    }

    public void calls(List<BackendCall<?>> begun) {
        calls = begun;
    }

    public List<BackendCall<?>> calls() {
        return calls;
    }

    @Override
    public String method() {
        return head.method();
    }

    @Override
    public String path() {
        return head.path();
    }

    @Override
    public String requestId() {
        return head.requestId();
    }

    @Override
    public Duration age() {
        return head.elapsed();
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
    public Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public boolean endedByShutdown() {
        return outcome.isShutdown();
    }
}
