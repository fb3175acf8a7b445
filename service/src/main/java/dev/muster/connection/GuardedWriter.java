package dev.muster.connection;

import dev.muster.connection.PhaseTimer.Phase;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.CloseConnectionException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Writes directly to the socket, in parts; the client must take each part in time. */
final class GuardedWriter implements DataWriter {
    /** Bytes in a part: a client that takes them in time has not stopped reading. */
    private static final int PART = 64 << 10;

    private final HelidonSocket socket;
    private final PhaseTimer timer;
    private final Duration limit;

    GuardedWriter(HelidonSocket socket, PhaseTimer timer, Duration limit) {
        this.socket = socket;
        this.timer = timer;
        this.limit = limit;
    }

    /** @throws CloseConnectionException if the client has gone, or took nothing for too long */
    @Override
    public void write(BufferData buffer) {
        while (buffer.available() > PART) {
            byte[] part = new byte[PART];
            buffer.read(part);
            writePart(BufferData.create(part));
        }
        writePart(buffer);
    }

    private void writePart(BufferData part) {
        try {
            timer.during(Phase.WRITING, limit, () -> socket.write(part));
        } catch (UncheckedIOException e) {
            throw new CloseConnectionException("the client takes no more of its answer", e);
        }
    }

    @Override
    public void write(BufferData... buffers) {
        write(BufferData.create(buffers));
    }

    @Override
    public void writeNow(BufferData... buffers) {
        write(BufferData.create(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
        write(buffer);
    }
}
