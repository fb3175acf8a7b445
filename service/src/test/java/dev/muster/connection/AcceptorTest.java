package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.concurrent.Deadline;
import dev.muster.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A port recovers from failures to accept, and accepts waiting clients before it closes. */
class AcceptorTest {
    private static final Deadline LATE = Deadline.after(Duration.ofHours(1));
    private static final Deadline NOW = Deadline.after(Duration.ZERO);
    private static final Acceptor.Settings WIDE = new Acceptor.Settings("test", 1000, false);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Observed observed = new Observed();
    private final AtomicLong nanos = new AtomicLong();

    /** Connections are served until they are released. */
    private final CountDownLatch release = new CountDownLatch(1);

    private final Queue<Thread> serving = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() throws Exception {
        release.countDown();
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private void serve(SocketChannel client) {
        serving.add(Thread.currentThread());
        try (client) {
            release.await();
        } catch (InterruptedException e) {
            // the end of the connection
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a port's observer was told. */
    private static final class Observed implements PortObserver {
        private final AtomicInteger failures = new AtomicInteger();
        private final Queue<String> rest = new ConcurrentLinkedQueue<>();
        /** How often {@link #lost} throws before it records. */
        private final AtomicInteger throwing = new AtomicInteger();

        @Override
        public void failed() {
            failures.incrementAndGet();
        }

        @Override
        public void recovered() {
            rest.add("recovered");
        }

        @Override
        public void lost(String why) {
            if (throwing.getAndDecrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            rest.add("lost: " + why);
        }
    }

    /** A real port that fails to accept as a test says. */
    private static class FailingPort implements ServerPort {
        private final ServerPort port = ChannelPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        private final AtomicInteger failures = new AtomicInteger();
        private final AtomicInteger accepts = new AtomicInteger();
        private volatile boolean failing;
        private volatile Throwable failure = new IOException("Too many open files");

        FailingPort() throws IOException {}

        @Override
        public InetSocketAddress address() {
            return port.address();
        }

        @Override
        public @Nullable SocketChannel accept() throws IOException {
            accepts.incrementAndGet();
            if (failing || failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                if (failure instanceof Error error) {
                    throw error;
                }
                throw new IOException(failure.getMessage());
            }
            return port.accept();
        }

        @Override
        public void awaitClient() throws IOException {
            port.awaitClient();
        }

        @Override
        public void wake() {
            port.wake();
        }

        @Override
        public boolean renew() {
            return port.renew();
        }

        @Override
        public void close() throws IOException {
            port.close();
        }
    }

    private Acceptor start(Acceptor.Settings settings, ServerPort port) {
        Acceptor acceptor = Acceptor.start(settings, port, this::serve, observed, nanos::get);
        opened.add(acceptor::closePort);
        return acceptor;
    }

    private Acceptor open(Acceptor.Settings settings) throws IOException {
        return start(settings, ChannelPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    private Socket connect(Acceptor acceptor) throws IOException {
        Socket socket = new Socket();
        opened.add(socket);
        socket.connect(acceptor.address());
        return socket;
    }

    private void awaitServed(int count) {
        Await.until(count + " are served", () -> serving.size() == count);
    }

    @Test
    void failuresEndNeitherThePortNorWhoIsServed() throws IOException {
        FailingPort port = new FailingPort();
        Acceptor acceptor = start(WIDE, port);
        connect(acceptor);
        awaitServed(1);
        port.failures.set(4);

        connect(acceptor);

        awaitServed(2);
        assertThat(observed.failures).hasValue(4);
        Await.until("the observer is told", () -> !observed.rest.isEmpty());
        assertThat(observed.rest).containsExactly("recovered");
        assertThat(serving).allMatch(Thread::isAlive);
    }

    @Test
    void anErrorEndsItAsLittle() throws IOException {
        FailingPort port = new FailingPort();
        port.failure = new OutOfMemoryError("unable to create native thread");
        port.failures.set(2);
        Acceptor acceptor = start(WIDE, port);

        connect(acceptor);

        awaitServed(1);
        assertThat(observed.failures).hasValue(2);
    }

    @Test
    void itIsTriedWithPausesThatDoNotBurnAProcessor() throws IOException {
        FailingPort port = new FailingPort();
        port.failing = true;
        Acceptor acceptor = start(WIDE, port);
        connect(acceptor);

        Await.until("the pauses are long", () -> observed.failures.get() >= 6);

        // The first five pauses take 310 ms in sum, so a seventh try is a third of a second away.
        assertThat(port.accepts).hasValueLessThanOrEqualTo(7);
    }

    @Test
    void whereItFailsForTenSecondsThatIsToldOnceAndAPortThatRecoversStillServes() throws IOException {
        FailingPort port = new FailingPort();
        port.failing = true;
        Acceptor acceptor = start(WIDE, port);
        connect(acceptor);
        Await.until("accepting fails", () -> observed.failures.get() >= 2);
        assertThat(observed.rest).isEmpty();

        nanos.addAndGet(Duration.ofSeconds(10).toNanos());

        Await.until("the observer is told", () -> !observed.rest.isEmpty());
        int failures = observed.failures.get();
        Await.until("accepting is tried again", () -> observed.failures.get() > failures);
        assertThat(observed.rest)
                .containsExactly(
                        "lost: test: could accept no connection for 10 s: java.io.IOException: Too many open files");
        port.failing = false;
        awaitServed(1);
    }

    @Test
    void whatCouldNotBeToldIsToldAtTheNextFailure() throws IOException {
        observed.throwing.set(1);
        FailingPort port = new FailingPort();
        port.failing = true;
        Acceptor acceptor = start(WIDE, port);
        connect(acceptor);
        Await.until("accepting fails", () -> observed.failures.get() >= 1);

        nanos.addAndGet(Duration.ofSeconds(10).toNanos());

        Await.until("the observer is told", () -> !observed.rest.isEmpty());
    }

    @Test
    void aPortThatNobodyListensAtAnyMoreIsOpenedAnewAndOneThatIsListenedAtIsNot() throws IOException {
        ChannelPort port = ChannelPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        assertThat(port.renew()).isFalse();
        port.abandon();

        Acceptor acceptor = start(WIDE, port);

        Await.until("it is open again", () -> !observed.rest.isEmpty());
        connect(acceptor);
        awaitServed(1);
        assertThat(observed.rest).containsExactly("recovered");
    }

    @Test
    void whoWaitsWhenThePortIsClosedIsAccepted() throws IOException {
        // The accepting thread is blocked while clients connect.
        Semaphore turns = new Semaphore(0);
        FailingPort held = new FailingPort() {
            @Override
            public @Nullable SocketChannel accept() throws IOException {
                turns.acquireUninterruptibly();
                return super.accept();
            }
        };
        Acceptor acceptor = start(WIDE, held);
        for (int i = 0; i < 20; i++) {
            connect(acceptor);
        }
        CompletableFuture<Void> closing = CompletableFuture.runAsync(acceptor::closePort);

        turns.release(1000);

        Await.result(closing);
        awaitServed(20);
        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(acceptor));
        assertThat(serving).allMatch(Thread::isAlive);
    }

    @Test
    void aStopEndsTheWaitForANextTryAndTheTriesWhoseTimeIsOver() throws IOException {
        FailingPort port = new FailingPort();
        port.failing = true;
        Acceptor acceptor = start(WIDE, port);
        connect(acceptor);
        Await.until("accepting fails", () -> observed.failures.get() >= 3);

        acceptor.closePort();

        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(acceptor));
    }

    @Test
    void whoIsTooManyWaitsUntilAnotherHasGone() throws IOException {
        Acceptor acceptor = open(new Acceptor.Settings("test", 2, false));
        connect(acceptor);
        connect(acceptor);
        connect(acceptor);
        awaitServed(2);

        serving.element().interrupt();

        awaitServed(3);
    }

    @Test
    void aStopDoesNotWaitForRoomForLong() throws IOException {
        Acceptor acceptor = open(new Acceptor.Settings("test", 1, false));
        connect(acceptor);
        awaitServed(1);
        connect(acceptor);

        acceptor.closePort();

        assertThat(serving).hasSize(1);
        assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(acceptor));
    }

    @Test
    void connectionsAreWaitedForAndInterrupted() throws IOException {
        Acceptor acceptor = open(WIDE);
        assertThat(acceptor.awaitNoConnection(LATE)).isTrue();
        connect(acceptor);
        awaitServed(1);
        assertThat(acceptor.awaitNoConnection(NOW)).isFalse();

        acceptor.interruptConnections();

        assertThat(acceptor.awaitNoConnection(LATE)).isTrue();
    }

    @Test
    void threadsAreOfTheKindThatIsAskedFor() throws IOException {
        connect(open(WIDE));
        awaitServed(1);
        connect(open(new Acceptor.Settings("test", 1, true)));
        awaitServed(2);

        assertThat(serving).extracting(Thread::isVirtual).containsExactly(true, false);
    }
}
