package dev.muster.lifecycle;

import dev.muster.concurrent.Deadline;

/** A port with the connections of its clients, as a shutdown sees it. */
public interface Drainable {
    /** How many connections are open. */
    int openConnections();

    /**
     * Closes the port, so that nobody can connect any more. From then on every answer says {@code Connection: close},
     * and not before: a client that is told so connects anew, which must not be here.
     */
    void stopAccepting();

    /** Waits until all connections are closed, but no longer than {@code deadline}; false if some are still open. */
    boolean awaitClosed(Deadline deadline);

    /** Closes the connections on which no request has begun, now and as they come to that. */
    void closeIdle();

    /** Gives up on the requests that have not arrived to their end; they are answered so. */
    void giveUpOnUnread();
}
