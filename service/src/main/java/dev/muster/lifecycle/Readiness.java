package dev.muster.lifecycle;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Whether the service wants traffic: the readiness probe tells the load balancer. Thread-safe. */
public final class Readiness {
    /** The stages of the process' life, in order. */
    public enum State {
        STARTING,
        READY,
        STOPPING
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.STARTING);
    /** The ports that cannot accept clients. */
    private final Set<String> closed = ConcurrentHashMap.newKeySet();

    public State state() {
        return state.get();
    }

    /** All ports are open, and the backends' clients exist. */
    public void started() {
        state.compareAndSet(State.STARTING, State.READY);
    }

    /** Whether the service has started, is not stopping, and accepts clients at each port. */
    public boolean isReady() {
        return state() == State.READY && closed.isEmpty();
    }

    /** The port cannot accept clients, until {@link #accepts}. */
    public void cannotAccept(String port) {
        closed.add(port);
    }

    public void accepts(String port) {
        closed.remove(port);
    }

    /** The service shuts down, which is final. */
    public void stopping() {
        state.set(State.STOPPING);
    }
}
