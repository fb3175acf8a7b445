package dev.muster.lifecycle;

/** Whether the service wants traffic; what the readiness probe tells the load balancer. Thread-safe. */
public final class Readiness {
    /** The stages of the process' life, in order. */
    public enum State {
        STARTING,
        READY,
        STOPPING
    }

    private volatile State state = State.STARTING;

    public State state() {
        return state;
    }

    /** All ports are open and the backends' clients made. */
    public void started() {
        state = State.READY;
    }

    /** The service is going away. */
    public void stopping() {
        state = State.STOPPING;
    }
}
