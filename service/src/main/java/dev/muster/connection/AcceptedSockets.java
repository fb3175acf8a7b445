package dev.muster.connection;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that a listener accepts, from when Helidon sets their options until their connections begin. It shows them to
 * nobody else, and its own view of them does not tell whether bytes have arrived that were not read. Thread-safe.
 */
final class AcceptedSockets implements SocketOptions {
    private final SocketOptions options;
    private final Map<SocketAddress, SocketChannel> byClient = new ConcurrentHashMap<>();

    /** @param options what is set on each */
    AcceptedSockets(SocketOptions options) {
        this.options = options;
    }

    @Override
    public void configureSocket(SocketChannel socket) {
        options.configureSocket(socket);
        try {
            byClient.put(socket.getRemoteAddress(), socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Hands over the socket of a client; null if it is not known. */
    @Nullable
    SocketChannel take(SocketAddress client) {
        return byClient.remove(client);
    }

    /** Whether bytes lie at a socket that nobody has read. Not where it is closed, and never waits for who reads. */
    static boolean hasUnread(SocketChannel socket) {
        try {
            return socket.socket().getInputStream().available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void configureSocket(Socket socket) {
        options.configureSocket(socket);
    }

    @Override
    public Map<SocketOption<?>, Object> socketOptions() {
        return options.socketOptions();
    }

    @Override
    public Duration connectTimeout() {
        return options.connectTimeout();
    }

    @Override
    public Duration readTimeout() {
        return options.readTimeout();
    }

    @Override
    public Optional<Integer> socketReceiveBufferSize() {
        return options.socketReceiveBufferSize();
    }

    @Override
    public Optional<Integer> socketSendBufferSize() {
        return options.socketSendBufferSize();
    }

    @Override
    public boolean socketReuseAddress() {
        return options.socketReuseAddress();
    }

    @Override
    public boolean socketKeepAlive() {
        return options.socketKeepAlive();
    }

    @Override
    public boolean tcpNoDelay() {
        return options.tcpNoDelay();
    }
}
