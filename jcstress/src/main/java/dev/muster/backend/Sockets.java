package dev.muster.backend;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Makes connections without a network, and knows them all. */
final class Sockets implements ConnectionPool.Source {
    private final List<IdleSocket> opened = new CopyOnWriteArrayList<>();

    @Override
    public BackendConnection connect() throws IOException {
        IdleSocket socket = new IdleSocket();
        opened.add(socket);
        return new BackendConnection(socket, null);
    }

    @Override
    public void close() {}

    /** How many have ever been opened. */
    int count() {
        return opened.size();
    }

    /** How many are open now. */
    int open() {
        return (int) opened.stream().filter(socket -> !socket.isClosed()).count();
    }
}
