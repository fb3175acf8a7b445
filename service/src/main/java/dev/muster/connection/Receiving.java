package dev.muster.connection;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * The receiving side of a client's socket, as threads other than the connection's own see and end it. Nothing here waits
 * for who reads. Thread-safe.
 */
record Receiving(SocketChannel channel) {
    /** Whether bytes lie there that nobody has read; not where the socket is closed. */
    boolean hasUnread() {
        try {
            return channel.socket().getInputStream().available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Has the connection's own thread find that no more will come. It may have read a request by now of which nothing is
     * to be seen from here yet: that is served, where closing the socket would lose it.
     */
    void end() {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            // it has been closed
        }
    }
}
