package dev.muster.connection;

import java.util.Locale;

/** Why the guard ended a connection, or did not let it begin. */
public enum Cut {
    /** No request began in time. */
    IDLE_TIMEOUT,
    /** A request's head was not complete in time; answered with 408. */
    HEAD_TIMEOUT,
    /** A request's body was not complete in time; answered with 408. */
    BODY_TIMEOUT,
    /** The client took nothing of its answer for too long. */
    WRITE_TIMEOUT,
    /** There were too many connections, and none was idle; answered with 503. */
    REFUSED,
    /** There were too many connections. This one had been idle longest, and a newcomer got its place. */
    EVICTED,
    /** The service was shutting down. No request had begun, or an incomplete one was answered with 503. */
    DRAINED;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in metrics. */
    public String word() {
        return word;
    }
}
