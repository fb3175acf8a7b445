package dev.muster.lifecycle;

import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts, lists and cancels the requests in flight. Thread-safe. */
public final class InFlight {
    /** A request in flight. Any thread may call its methods, but only its own {@link #endedByShutdown}. */
    public interface Request {
        String method();

        /** As sent, without the query. */
        String path();

        String requestId();

        /** Since its head was read. */
        Duration age();

        /** The backends that have not answered yet; empty before and after the calls. */
        List<String> waitingFor();

        Thread thread();

        /** Cancels its calls to the backends. */
        Cancellation cancellation();

        /** Whether its answer said that the service shuts down. */
        boolean endedByShutdown();
    }

    private final Set<Request> requests = ConcurrentHashMap.newKeySet();
    private final LongAdder ended = new LongAdder();
    private final LongAdder endedByShutdown = new LongAdder();
    private volatile boolean closed;

    /** Adds a request. After {@link #close} its calls never begin. */
    public void add(Request request) {
        requests.add(request);
        // Checked after the add: close() may have gone through the set before.
        if (closed) {
            request.cancellation().cancel(Cause.SHUTDOWN);
        }
    }

    public void remove(Request request) {
        requests.remove(request);
        (request.endedByShutdown() ? endedByShutdown : ended).increment();
    }

    public int count() {
        return requests.size();
    }

    public List<Request> oldestFirst() {
        // Each age is read once: it must not change during the sort.
        return requests.stream()
                .map(request -> Map.entry(request.age(), request))
                .sorted(Map.Entry.<Duration, Request>comparingByKey().reversed())
                .map(Map.Entry::getValue)
                .toList();
    }

    /** How many have ended by themselves so far, with any answer. */
    public long ended() {
        return ended.sum();
    }

    /** How many the shutdown has ended. */
    public long endedByShutdown() {
        return endedByShutdown.sum();
    }

    public void cancelAll(Cause cause) {
        requests.forEach(request -> request.cancellation().cancel(cause));
    }

    /** Cancels the calls of all present and future requests. */
    public void close() {
        closed = true;
        cancelAll(Cause.SHUTDOWN);
    }
}
