package dev.muster.connection;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import java.util.concurrent.ExecutorService;

/** A connection as Helidon's HTTP sees it: with Helidon's socket, but the guard's reader and writer. */
record GuardedContext(
        GuardedConnection connection,
        ListenerContext listenerContext,
        Router router,
        HelidonSocket serverSocket,
        DataReader dataReader,
        DataWriter dataWriter)
        implements ConnectionContext {

    @Override
    public ExecutorService executor() {
        return listenerContext.executor();
    }

    @Override
    public PeerInfo remotePeer() {
        return serverSocket.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return serverSocket.localPeer();
    }

    @Override
    public boolean isSecure() {
        return serverSocket.isSecure();
    }

    @Override
    public String socketId() {
        return serverSocket.socketId();
    }

    @Override
    public String childSocketId() {
        return serverSocket.childSocketId();
    }
}
