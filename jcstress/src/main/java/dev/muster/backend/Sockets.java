package dev.muster.backend;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A source of connections that go nowhere, and that are all known. */
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

    /** How many there have ever been. */
    int count() {
        return opened.size();
    }

    /** How many are open. */
    int open() {
        return (int) opened.stream().filter(socket -> !socket.isClosed()).count();
    }
}
