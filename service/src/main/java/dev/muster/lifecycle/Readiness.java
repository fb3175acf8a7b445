package dev.muster.lifecycle;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Whether the service wants traffic; what the readiness probe tells the load balancer. Thread-safe. */
public final class Readiness {
    /** The stages of the process' life, in order. */
    public enum State {
        STARTING,
        READY,
        STOPPING
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.STARTING);
    /** The ports that can let nobody in. */
    private final Set<String> closed = ConcurrentHashMap.newKeySet();

    public State state() {
        return state.get();
    }

    /** All ports are open and the backends' clients made. */
    public void started() {
        state.compareAndSet(State.STARTING, State.READY);
    }

    /** Whether it is in the middle of its life and lets clients in at each port. */
    public boolean isReady() {
        return state() == State.READY && closed.isEmpty();
    }

    /** Nobody can be let in at that port, until {@link #accepts}. */
    public void cannotAccept(String port) {
        closed.add(port);
    }

    /** Clients are let in at that port again. */
    public void accepts(String port) {
        closed.remove(port);
    }

    /** The service is going away, and nothing changes that any more. */
    public void stopping() {
        state.set(State.STOPPING);
    }
}
