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
 * <p>Its channel does not block, so that whoever closes it can first have accepted everybody who waits: a thread that
 * blocks in {@code accept} can only be ended by closing the channel, which resets them.
 */
final class ChannelPort implements ServerPort {
    /** How many clients wait at most until they are accepted, where the system allows as many. */
    private static final int BACKLOG = 1024;

    private final InetSocketAddress address;
    private final Selector selector;
    /** The accepting thread's. */
    private ServerSocketChannel channel;

    private ChannelPort(ServerSocketChannel channel, InetSocketAddress address, Selector selector) {
        this.channel = channel;
        this.address = address;
        this.selector = selector;
    }

    /**
     * Listens at {@code address}.
     *
     * @param address with port 0 for any free one
     * @throws IOException if it cannot be bound
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
            // A restart need not wait for the last connections of the process before.
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

    /** Finds out by trying: the system lets nobody bind what is listened at. */
    @Override
    public boolean renew() {
        try {
            ServerSocketChannel fresh = listen(address, selector);
            channel.close();
            channel = fresh;
            return true;
        } catch (IOException e) {
            // It is listened at, or there is no file for another.
            return false;
        }
    }

    /** For tests: as if the system had ended it. */
    void abandon() throws IOException {
        channel.close();
        selector.selectNow();
    }

    @Override
    public void close() throws IOException {
        // The selector, too, has a hold on the channel until it selects again or is closed.
        try (selector) {
            channel.close();
        }
    }
}
