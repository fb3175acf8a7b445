package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClientInputTest {
    private static final int PART = 4 << 10;

    private final AtomicInteger ends = new AtomicInteger();
    private final Sender sender = new Sender();
    private final ClientInput input = new ClientInput(sender, Thread.ofVirtual().factory(), ends::incrementAndGet);

    @Test
    void noMoreIsReadAheadThanIsKept() {
        assertThat(input.watch()).isFalse();
        Await.until("four parts have been read", () -> sender.parts() == 4);

        // The next part is ready, but a second watch() does not read it.
        assertThat(input.watch()).isFalse();
        for (int part = 1; part <= 4; part++) {
            assertThat(input.read()).containsOnly(part);
        }
        assertThat(sender.parts()).isEqualTo(4);
        assertThat(input.read()).containsOnly(5);
    }

    @Test
    void theEndIsToldOnceByWhoReadsAhead() {
        sender.end();
        assertThat(input.watch()).isFalse();
        Await.until("the end has been told", () -> ends.get() == 1);

        assertThat(input.watch()).isTrue();
        assertThat(input.read()).isNull();
        input.close();
        assertThat(ends).hasValue(1);
    }

    @Test
    void whatWasReadAheadOfTheEndIsStillThere() {
        sender.endAfter(2);
        assertThat(input.watch()).isFalse();
        Await.until("the end has been told", () -> ends.get() == 1);

        assertThat(input.read()).containsOnly(1);
        assertThat(input.readWithin()).containsOnly(2);
        assertThat(input.read()).isNull();
    }

    @Test
    void aBrokenConnectionIsAnEndToo() {
        sender.fail();

        assertThat(input.readWithin()).isNull();
        assertThat(input.hasEnded()).isTrue();
    }

    @Test
    void whoWaitsCanBeGivenUpAndWaitAgain() {
        sender.silence();
        Thread guard = Thread.ofVirtual().start(() -> {
            Await.latch(sender.asked);
            input.giveUp();
        });
        assertThat(input.readWithin()).isNull();
        assertThat(input.isGivenUp()).isTrue();
        Await.end(guard);

        input.hopeAgain();
        sender.close();
        assertThat(input.readWithin()).isNull();
        assertThat(input.isGivenUp()).isFalse();
        input.close();
    }

    /** Sends parts without end, unless told otherwise. Each byte of a part is the part's number. */
    private static final class Sender implements HelidonSocket {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);
        private final AtomicInteger parts = new AtomicInteger();
        private volatile int last = Integer.MAX_VALUE;
        private volatile boolean broken;
        private volatile boolean silent;

        int parts() {
            return parts.get();
        }

        void end() {
            endAfter(0);
        }

        void endAfter(int number) {
            last = number;
        }

        void fail() {
            broken = true;
        }

        void silence() {
            silent = true;
        }

        @Override
        public byte[] get() {
            asked.countDown();
            if (broken) {
                throw new UncheckedIOException(new IOException("connection reset"));
            }
            if (silent) {
                Await.latch(closed);
                return null;
            }
            if (parts.get() == last) {
                return null;
            }
            byte[] part = new byte[PART];
            Arrays.fill(part, (byte) parts.incrementAndGet());
            return part;
        }

        @Override
        public void close() {
            closed.countDown();
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
            return "sender";
        }

        @Override
        public String childSocketId() {
            return "sender";
        }
    }
}
