package dev.muster.backend;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;

/**
 * A socket whose reads all notice an interrupt. In the JDK a virtual thread notices one only where it parks. A reader of
 * a backend that sends without pause never parks, so nothing would end its call. TLS reads, and discards, through the
 * same stream.
 *
 * <p>Read by one thread at a time.
 */
final class InterruptibleSocket extends Socket {
    @Override
    public InputStream getInputStream() throws IOException {
        return new Input(super.getInputStream());
    }

    private final class Input extends FilterInputStream {
        Input(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            requireNoInterrupt();
            return super.read();
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            requireNoInterrupt();
            return super.read(buffer, offset, length);
        }

        @Override
        public long skip(long count) throws IOException {
            requireNoInterrupt();
            return super.skip(count);
        }

        /** Does what the JDK does for a parked thread, with the same message. */
        private void requireNoInterrupt() throws IOException {
            if (Thread.currentThread().isInterrupted()) {
                InterruptibleSocket.this.close();
                throw new SocketException("Closed by interrupt");
            }
        }
    }
}
