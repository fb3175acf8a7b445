package dev.muster.lifecycle;

import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The requests that are being served, so that they can be counted, looked at and ended from outside. Thread-safe. */
public final class InFlight {
    /** A request that is being served. Any thread may ask what it is; only its own, how it ended. */
    public interface Request {
        String method();

        /** As it was sent, without the query. */
        String path();

        String requestId();

        /** Since its head had been read. */
        Duration age();

        /** The backends whose answers are still missing; none before and after they are called. */
        List<String> waitingFor();

        /** Who serves it. */
        Thread thread();

        /** Ends its calls to the backends. */
        Cancellation cancellation();

        /** Whether it was, in the end, answered that the service is going away. */
        boolean endedByShutdown();
    }

    private final Set<Request> requests = ConcurrentHashMap.newKeySet();
    private final LongAdder ended = new LongAdder();
    private final LongAdder endedByShutdown = new LongAdder();
    private volatile boolean closed;

    /** Takes in a request; its calls never begin, if the requests' end has come. */
    public void add(Request request) {
        requests.add(request);
        // Only now: close() may have gone through the set before.
        if (closed) {
            request.cancellation().cancel(Cause.SHUTDOWN);
        }
    }

    /** Lets go of a request that was answered. */
    public void remove(Request request) {
        requests.remove(request);
        (request.endedByShutdown() ? endedByShutdown : ended).increment();
    }

    /** How many there are. */
    public int count() {
        return requests.size();
    }

    /** All of them, the oldest first. */
    public List<Request> oldestFirst() {
        // Each is asked once: an order that changes while it is sorted by is none.
        return requests.stream()
                .map(request -> Map.entry(request.age(), request))
                .sorted(Map.Entry.<Duration, Request>comparingByKey().reversed())
                .map(Map.Entry::getValue)
                .toList();
    }

    /** How many have ended by themselves so far, with whatever answer. */
    public long ended() {
        return ended.sum();
    }

    /** How many have been ended because the service is going away. */
    public long endedByShutdown() {
        return endedByShutdown.sum();
    }

    /** Ends the calls of all requests that are served now. */
    public void cancelAll(Cause cause) {
        requests.forEach(request -> request.cancellation().cancel(cause));
    }

    /** Ends the calls of all requests that are served now, and of all that are yet to come. */
    public void close() {
        closed = true;
        cancelAll(Cause.SHUTDOWN);
    }
}
