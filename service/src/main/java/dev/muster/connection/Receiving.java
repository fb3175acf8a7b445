package dev.muster.connection;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * The receiving side of a client's socket, for threads other than the connection's own. No method waits for the reader.
 * Thread-safe.
 */
record Receiving(SocketChannel channel) {
    /** Whether unread bytes have arrived; false if the socket is closed. */
    boolean hasUnread() {
        try {
            return channel.socket().getInputStream().available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Ends the input of the connection's own thread. This thread may have just read a request that other threads cannot
     * see yet. It serves the request; a close of the socket would lose it.
     */
    void end() {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            // it has been closed
        }
    }
}
