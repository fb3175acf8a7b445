package dev.muster.backend;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;

/** A connected socket without a network: accepts all bytes, sends none, and knows whether it is closed. */
final class IdleSocket extends Socket {
    private static final InputStream NOTHING = new InputStream() {
        @Override
        public int read() {
            throw new AssertionError("a read that would block for ever");
        }
    };

    private volatile boolean shut;

    @Override
    public InputStream getInputStream() throws SocketException {
        requireOpen();
        return NOTHING;
    }

    @Override
    public OutputStream getOutputStream() throws SocketException {
        requireOpen();
        return OutputStream.nullOutputStream();
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        requireOpen();
    }

    @Override
    public int getSoTimeout() throws SocketException {
        requireOpen();
        return 0;
    }

    @Override
    public void setSoLinger(boolean on, int seconds) throws SocketException {
        requireOpen();
    }

    @Override
    public boolean isClosed() {
        return shut;
    }

    @Override
    public void close() {
        shut = true;
    }

    private void requireOpen() throws SocketException {
        if (shut) {
            throw new SocketException("Socket closed");
        }
    }
}
