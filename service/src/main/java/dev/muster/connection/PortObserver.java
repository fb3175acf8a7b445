package dev.muster.connection;

/** Learns whether a port accepts clients. Called on the port's accepting thread, which waits meanwhile. */
public interface PortObserver {
    /** Accepting has failed, and is tried again. Called for each failure. */
    void failed();

    void recovered();

    /**
     * Accepting has failed for too long to recover, but is still tried. Called once.
     *
     * @param why for the log
     */
    void lost(String why);
}
