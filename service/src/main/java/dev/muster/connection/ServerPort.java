package dev.muster.connection;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A port that listens. Used by one thread, except for {@link #wake()}. */
interface ServerPort extends Closeable {
    InetSocketAddress address();

    /**
     * Accepts the client that has waited longest.
     *
     * @return null if none waits
     * @throws IOException if accepting fails at present; clients go on waiting
     */
    @Nullable
    SocketChannel accept() throws IOException;

    /** Waits for a client or for {@link #wake()}. */
    void awaitClient() throws IOException;

    /** Ends the present wait for clients, else the next one. Any thread may call this. */
    void wake();

    /**
     * Listens again if the system has closed the port, else does nothing.
     *
     * @return whether it listens again
     */
    boolean renew();

    /** Stops listening; the system resets clients that still wait. */
    @Override
    void close() throws IOException;
}
