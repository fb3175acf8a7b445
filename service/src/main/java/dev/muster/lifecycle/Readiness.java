package dev.muster.lifecycle;

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

    public State state() {
        return state.get();
    }

    /** All ports are open and the backends' clients made. */
    public void started() {
        state.compareAndSet(State.STARTING, State.READY);
    }

    /** The service is going away, and nothing changes that any more. */
    public void stopping() {
        state.set(State.STOPPING);
    }
}
