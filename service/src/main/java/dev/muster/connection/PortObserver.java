package dev.muster.connection;

/** Is told whether a port lets clients in; on the port's accepting thread, which waits for that. */
public interface PortObserver {
    /** Accepting has failed; it will be tried again. Told of each failure. */
    void failed();

    /** Accepting works again. */
    void recovered();

    /**
     * Accepting has failed for so long that it is not expected to work again, though it is still tried. Told once.
     *
     * @param why for the log
     */
    void lost(String why);
}
