package dev.muster.lifecycle;

import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The requests that are being served, so that their calls can be ended from outside. Thread-safe. */
public final class InFlight {
    private final Set<Cancellation> cancellations = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Takes in a request; its calls never begin, if the requests' end has come. */
    public void add(Cancellation cancellation) {
        cancellations.add(cancellation);
        // Only now: close() may have gone through the set before.
        if (closed) {
            cancellation.cancel(Cause.SHUTDOWN);
        }
    }

    /** Lets go of a request that was answered. */
    public void remove(Cancellation cancellation) {
        cancellations.remove(cancellation);
    }

    /** Ends the calls of all requests that are served now. */
    public void cancelAll(Cause cause) {
        cancellations.forEach(cancellation -> cancellation.cancel(cause));
    }

    /** Ends the calls of all requests that are served now, and of all that are yet to come. */
    public void close() {
        closed = true;
        cancelAll(Cause.SHUTDOWN);
    }
}
