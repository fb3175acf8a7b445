package dev.muster.connection;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A port that is listened at. For one thread, but for {@link #wake()}. */
interface ServerPort extends Closeable {
    /** The address that is bound. */
    InetSocketAddress address();

    /**
     * Accepts the client that has waited longest.
     *
     * @return null if nobody waits
     * @throws IOException if nobody can be accepted at present; whoever waits goes on waiting
     */
    @Nullable
    SocketChannel accept() throws IOException;

    /** Waits until a client does, or for {@link #wake()}. */
    void awaitClient() throws IOException;

    /** Ends the wait for clients, or the next one, if nobody waits now. Any thread may call this. */
    void wake();

    /**
     * Listens anew, if the system has ended that. Else it does nothing.
     *
     * @return whether it had to
     */
    boolean renew();

    /** Listens no more; the system resets whoever still waits. */
    @Override
    void close() throws IOException;
}
