package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.SocketTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That whoever connected before is accepted, or that the wait for it has an end. */
class BacklogTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(100);

    private final CountDownLatch mayAccept = new CountDownLatch(1);
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private final List<Socket> clients = new ArrayList<>();
    private ServerSocket server;

    @AfterEach
    void stop() throws IOException {
        mayAccept.countDown();
        if (server != null) {
            server.close();
        }
        for (Socket client : clients) {
            client.close();
        }
        for (Socket socket : accepted) {
            socket.close();
        }
    }

    /** Listens, and accepts once it is told to, saying so to {@code backlog}. */
    private InetSocketAddress listen(String address, Backlog backlog) throws IOException {
        server = new ServerSocket(0, 100, InetAddress.ofLiteral(address));
        Thread.ofVirtual().start(() -> {
            Await.latch(mayAccept);
            try {
                while (true) {
                    Socket socket = server.accept();
                    accepted.add(socket);
                    backlog.accepted(socket.getPort());
                }
            } catch (IOException e) {
                // closed, which is how it ends
            }
        });
        return new InetSocketAddress(address, server.getLocalPort());
    }

    private void connect(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            clients.add(new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort()));
        }
    }

    private void awaitInBacklog(int count) {
        Await.until(
                "so many have connected",
                () -> SocketTable.openTo(server.getLocalPort()).size() == count);
    }

    @Test
    void everybodyWhoCameBeforeHasBeenAcceptedWhenItReturns() throws IOException {
        Backlog backlog = new Backlog(LONG);
        InetSocketAddress listening = listen("127.0.0.1", backlog);
        connect(30);
        CompletableFuture<Integer> acceptedThen = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try (Socket _ = backlog.awaitEmpty(listening)) {
                acceptedThen.complete(accepted.size());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        awaitInBacklog(31);
        Await.until("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
        assertThat(acceptedThen).isNotDone();

        mayAccept.countDown();

        assertThat(Await.result(acceptedThen)).isGreaterThanOrEqualTo(31);
        Await.end(thread);
    }

    @Test
    void whatItReturnsIsTheOnlyConnectionOfItsOwnThatIsLeft() throws IOException {
        Backlog backlog = new Backlog(LONG);
        InetSocketAddress listening = listen("127.0.0.1", backlog);
        Thread.ofVirtual().start(() -> {
            awaitInBacklog(1);
            // It has waited for long enough to try once more.
            Await.until("that took a while", new Elapsed(SHORT)::isOver);
            mayAccept.countDown();
        });

        try (Socket own = backlog.awaitEmpty(listening)) {
            assertThat(accepted).hasSizeGreaterThan(1);
            assertThat(SocketTable.openTo(server.getLocalPort())).containsExactly(own.getLocalPort());
            assertThat(accepted.getLast().getPort()).isEqualTo(own.getLocalPort());
        }
    }

    @Test
    void othersWhoAreAcceptedAreNotTakenForIt() throws IOException {
        Backlog backlog = new Backlog(SHORT);
        InetSocketAddress listening = listen("127.0.0.1", new Backlog(LONG));
        mayAccept.countDown();
        connect(5);
        Elapsed elapsed = new Elapsed(SHORT);

        try (Socket own = backlog.awaitEmpty(listening)) {
            // Those that are told of have other ports.
            assertThat(own).isNotNull();
            assertThat(elapsed.isOver()).isTrue();
        }
    }

    @Test
    void whereNobodyAcceptsItGivesUp() throws IOException {
        Backlog backlog = new Backlog(SHORT);
        InetSocketAddress listening = listen("127.0.0.1", backlog);
        connect(3);
        Elapsed elapsed = new Elapsed(SHORT);

        try (Socket own = backlog.awaitEmpty(listening)) {
            assertThat(own).isNotNull();
            assertThat(elapsed.isOver()).isTrue();
            assertThat(SocketTable.openTo(server.getLocalPort())).hasSize(4).contains(own.getLocalPort());
        }
    }

    @Test
    void whereNobodyListensItReturnsAtOnceWithoutOne() throws IOException {
        Backlog backlog = new Backlog(LONG);
        InetSocketAddress listening = listen("127.0.0.1", backlog);
        server.close();
        Elapsed elapsed = new Elapsed(LONG);

        assertThat(backlog.awaitEmpty(listening)).isNull();

        assertThat(elapsed.isOver()).isFalse();
    }

    @Test
    void aPortOnAllAddressesIsReachedOnOneOfThem() throws IOException {
        Backlog backlog = new Backlog(LONG);
        InetSocketAddress listening = listen("0.0.0.0", backlog);
        mayAccept.countDown();

        try (Socket own = backlog.awaitEmpty(listening)) {
            assertThat(own.getInetAddress()).isEqualTo(InetAddress.getLoopbackAddress());
            assertThat(own.getPort()).isEqualTo(server.getLocalPort());
        }
    }

    @Test
    void anInterruptEndsTheWaitAndLeavesNoConnection() throws IOException {
        Backlog backlog = new Backlog(LONG);
        InetSocketAddress listening = listen("127.0.0.1", backlog);
        CompletableFuture<Boolean> isThereOne = new CompletableFuture<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread thread = Thread.ofPlatform().start(() -> {
            Socket own = backlog.awaitEmpty(listening);
            flag.set(Thread.currentThread().isInterrupted());
            isThereOne.complete(own != null);
        });
        awaitInBacklog(1);
        Await.until("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);

        thread.interrupt();

        assertThat(Await.result(isThereOne)).isFalse();
        assertThat(flag).as("the thread is told so").isTrue();
        assertThat(SocketTable.openTo(server.getLocalPort())).isEmpty();
    }

    /** Whether a time has passed since it was made. */
    private record Elapsed(long since, Duration time) {
        Elapsed(Duration time) {
            this(System.nanoTime(), time);
        }

        boolean isOver() {
            return System.nanoTime() - since >= time.toNanos();
        }
    }
}
