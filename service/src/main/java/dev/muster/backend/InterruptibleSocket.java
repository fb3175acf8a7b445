package dev.muster.backend;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;

/**
 * A socket of which each read notices an interrupt. A virtual thread is told of one only where it parks, and where there
 * is always something to read, nobody parks: whoever sends without pause would be read for as long as he likes. TLS on
 * top of it reads, and throws away, through the same stream.
 *
 * <p>To be read by one thread at a time.
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

        /** Does what the JDK does where the thread is parked, and says the same. */
        private void requireNoInterrupt() throws IOException {
            if (Thread.currentThread().isInterrupted()) {
                InterruptibleSocket.this.close();
                throw new SocketException("Closed by interrupt");
            }
        }
    }
}
