package dev.muster.connection;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import java.util.concurrent.CountDownLatch;

/** A socket that receives one byte, then the end. */
final class ScriptedSocket implements HelidonSocket {
    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch sent = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean read;

    /** Opens when somebody reads. */
    CountDownLatch began() {
        return began;
    }

    void send() {
        sent.countDown();
    }

    void end() {
        ended.countDown();
    }

    @Override
    public byte[] get() {
        began.countDown();
        if (read) {
            ConnectionRaces.await(ended);
            return null;
        }
        ConnectionRaces.await(sent);
        read = true;
        return new byte[1];
    }

    @Override
    public void close() {
        sent.countDown();
        ended.countDown();
    }

    @Override
    public void idle() {}

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    @SuppressWarnings("removal")
    public int read(BufferData buffer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(BufferData buffer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PeerInfo remotePeer() {
        throw new UnsupportedOperationException();
    }

    @Override
    public PeerInfo localPeer() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public String socketId() {
        return "scripted";
    }

    @Override
    public String childSocketId() {
        return "scripted";
    }
}
