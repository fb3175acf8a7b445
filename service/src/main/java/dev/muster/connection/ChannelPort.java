package dev.muster.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A port of the operating system.
 *
 * <p>Its channel does not block. Only the close of a channel ends a blocked {@code accept}, and the close resets the
 * clients that wait. This port can accept them first.
 */
final class ChannelPort implements ServerPort {
    /** The most clients that wait to be accepted; the system may allow fewer. */
    private static final int BACKLOG = 1024;

    private final InetSocketAddress address;
    private final Selector selector;
    /** Used by the accepting thread only. */
    private ServerSocketChannel channel;

    private ChannelPort(ServerSocketChannel channel, InetSocketAddress address, Selector selector) {
        this.channel = channel;
        this.address = address;
        this.selector = selector;
    }

    /**
     * Listens at {@code address}.
     *
     * @param address port 0 means any free port
     * @throws IOException if the address cannot be bound
     */
    static ChannelPort open(InetSocketAddress address) throws IOException {
        Selector selector = Selector.open();
        try {
            ServerSocketChannel channel = listen(address, selector);
            return new ChannelPort(channel, (InetSocketAddress) channel.getLocalAddress(), selector);
        } catch (IOException | RuntimeException e) {
            selector.close();
            throw e;
        }
    }

    private static ServerSocketChannel listen(InetSocketAddress address, Selector selector) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            // A restart need not wait for the last connections of the old process.
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.configureBlocking(false);
            channel.bind(address, BACKLOG);
            channel.register(selector, SelectionKey.OP_ACCEPT);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public @Nullable SocketChannel accept() throws IOException {
        return channel.accept();
    }

    @Override
    public void awaitClient() throws IOException {
        selector.select();
        selector.selectedKeys().clear();
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    /** Tries to bind the address: the system forbids this while the port listens. */
    @Override
    public boolean renew() {
        try {
            ServerSocketChannel fresh = listen(address, selector);
            channel.close();
            channel = fresh;
            return true;
        } catch (IOException e) {
            // The port listens, or there is no free file descriptor.
            return false;
        }
    }

    /** For tests: as if the system had closed the port. */
    void abandon() throws IOException {
        channel.close();
        selector.selectNow();
    }

    @Override
    public void close() throws IOException {
        // The selector, too, holds the channel until it selects again or is closed.
        try (selector) {
            channel.close();
        }
    }
}
