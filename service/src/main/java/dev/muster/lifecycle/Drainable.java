package dev.muster.lifecycle;

import dev.muster.concurrent.Deadline;

/** A port with the connections of its clients, as a shutdown sees it. */
public interface Drainable {
    int openConnections();

    /**
     * Closes the port. From then on every answer says {@code Connection: close}, but not before: the client connects
     * again, and must not reach this port.
     */
    void stopAccepting();

    /** Waits until all connections are closed, but no longer than {@code deadline}; false if some are still open. */
    boolean awaitClosed(Deadline deadline);

    /** Closes idle connections, now and as more become idle. */
    void closeIdle();

    /** Stops waiting for incomplete requests, and answers them. */
    void giveUpOnUnread();
}
