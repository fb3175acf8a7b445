package dev.muster.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.concurrent.Deadline;
import dev.muster.connection.Cut;
import dev.muster.testing.Await;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Soak;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a listener stops: every client that has connected is served, and nothing of the listener is left. */
class ListenerStopTest {
    private static final Deadline LATE = Deadline.after(Duration.ofHours(1));
    private static final Deadline NOW = Deadline.after(Duration.ZERO);
    private static final int CLIENTS = 20;
    private static final int THREADS = 4;

    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final List<Cut> cuts = new CopyOnWriteArrayList<>();

    private HttpListener listener() throws IOException {
        Endpoint quick = Endpoint.get("/quick", List.of("text/plain"), List.of(), (request, response, _) -> {
            ResponseWriter.send(
                    request,
                    response,
                    200,
                    HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/plain"),
                    "quick".getBytes(UTF_8));
        });
        Endpoint hangs = Endpoint.get("/hangs", List.of("text/plain"), List.of(), (request, response, _) -> {
            hanging.countDown();
            try {
                release.await();
                interrupted.complete(false);
            } catch (InterruptedException e) {
                interrupted.complete(true);
                throw new CloseConnectionException("interrupted", e);
            }
            ResponseWriter.send(
                    request,
                    response,
                    200,
                    HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/plain"),
                    "late".getBytes(UTF_8));
        });
        return Listening.start(Listening.WIDE, List.of(quick, hangs), new Begun(), cuts::add);
    }

    /** Counts the requests that have begun. */
    private final class Begun implements RequestObserver {
        @Override
        public void begins(Exchange exchange) {
            begun.incrementAndGet();
        }

        @Override
        public void ends(Exchange exchange, int status) {}
    }

    @AfterEach
    void stop() {
        release.countDown();
    }

    /** A client: the time at which it was connected, and the answer to its request. */
    private record Client(long connectedNanos, CompletableFuture<Response> answer) {}

    @Test
    void whoHadConnectedBeforeThePortWasClosedIsAnswered() throws IOException {
        for (int round = 0; round < Soak.times(50, 2000); round++) {
            try (HttpListener listener = listener()) {
                int port = listener.port();
                Queue<Client> clients = new ConcurrentLinkedQueue<>();
                CountDownLatch connected = new CountDownLatch(round % CLIENTS + 1);
                List<Thread> threads = IntStream.range(0, THREADS)
                        .mapToObj(_ -> Thread.ofPlatform().start(() -> connectAll(port, clients, connected)))
                        .toList();
                Await.latch(connected);
                long called = System.nanoTime();
                listener.stopAccepting();
                threads.forEach(Await::end);

                List<Client> before = clients.stream()
                        .filter(client -> client.connectedNanos() < called)
                        .toList();
                assertThat(before).hasSizeGreaterThanOrEqualTo(round % CLIENTS + 1);
                for (Client client : before) {
                    assertThat(Await.result(client.answer()).body()).isEqualTo("quick");
                }
            }
        }
    }

    /** Connects and asks again and again until the port refuses. Other threads read the answers. */
    private static void connectAll(int port, Queue<Client> clients, CountDownLatch connected) {
        for (int i = 0; i < CLIENTS / THREADS; i++) {
            RawConnection connection;
            try {
                connection = new RawConnection(port);
            } catch (UncheckedIOException e) {
                return;
            }
            Client client = new Client(System.nanoTime(), new CompletableFuture<>());
            clients.add(client);
            connected.countDown();
            Thread.ofVirtual().start(() -> {
                try (connection) {
                    connection.send("GET", "/quick");
                    client.answer().complete(connection.read("GET"));
                } catch (RuntimeException | AssertionError e) {
                    client.answer().completeExceptionally(e);
                }
            });
        }
    }

    @Test
    void whoIsToldToConnectAnewCannotConnectHere() throws IOException {
        for (int round = 0; round < Soak.times(50, 500); round++) {
            try (HttpListener listener = listener();
                    RawConnection client = new RawConnection(listener.port())) {
                int port = listener.port();
                Response response;
                Thread stopping = Thread.ofPlatform().unstarted(listener::stopAccepting);
                do {
                    client.send("GET", "/quick");
                    response = client.read("GET");
                    if (stopping.getState() == Thread.State.NEW) {
                        stopping.start();
                    }
                } while (!response.headers().containsKey("connection"));

                assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> new RawConnection(port));
                Await.end(stopping);
            }
        }
    }

    @Test
    void whereNobodyIsConnectedItIsClosedAtOnce() throws IOException {
        try (HttpListener listener = listener()) {
            int port = listener.port();
            listener.stopAccepting();

            assertThat(listener.awaitClosed(LATE)).isTrue();
            assertThat(listener.openConnections()).isZero();
            assertThat(cuts).isEmpty();
            assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> new RawConnection(port));
        }
    }

    @Test
    void itIsClosedOnceAllConnectionsAre() throws IOException {
        try (HttpListener listener = listener();
                RawConnection client = new RawConnection(listener.port())) {
            Await.until("the connection is accepted", () -> listener.openConnections() == 1);
            listener.stopAccepting();
            assertThat(listener.openConnections()).isEqualTo(1);

            assertThat(listener.awaitClosed(NOW)).isFalse();
            client.halfClose();
            assertThat(listener.awaitClosed(LATE)).isTrue();
            assertThat(cuts).isEmpty();
        }
    }

    @Test
    void aConnectionThatHasBegunNothingIsClosedWhenIdleOnesAreAndOneThatHasIsNot() throws IOException {
        try (HttpListener listener = listener();
                RawConnection idle = new RawConnection(listener.port());
                RawConnection busy = new RawConnection(listener.port());
                RawConnection half = new RawConnection(listener.port())) {
            busy.send("GET", "/hangs");
            Await.latch(hanging);
            half.send("GET", "/quick", "Content-Length: 2");
            half.sendRaw("a");
            Await.until("both requests have begun", () -> begun.get() == 2);
            listener.stopAccepting();

            listener.closeIdle();

            assertThat(idle.isClosedInOrder()).isTrue();
            assertThat(cuts).containsExactly(Cut.DRAINED);
            half.sendRaw("b");
            assertThat(half.read("GET").status()).isEqualTo(200);
            assertThat(half.isClosedInOrder()).isTrue();
            release.countDown();
            assertThat(busy.read("GET").header("Connection")).isEqualTo("close");
            assertThat(listener.awaitClosed(LATE)).isTrue();
            assertThat(cuts).containsExactly(Cut.DRAINED);
        }
    }

    @Test
    void givingUpAnswersWhoHasNotSentAllAndLeavesWhoHas() throws IOException {
        try (HttpListener listener = listener();
                RawConnection busy = new RawConnection(listener.port());
                RawConnection half = new RawConnection(listener.port())) {
            busy.send("GET", "/hangs");
            Await.latch(hanging);
            half.send("GET", "/quick", "Content-Length: 2");
            Await.until("both requests have begun", () -> begun.get() == 2);
            listener.stopAccepting();

            listener.closeIdle();
            listener.giveUpOnUnread();

            Response response = half.read("GET");
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/draining");
            assertThat(listener.awaitClosed(NOW)).isFalse();
            release.countDown();
            assertThat(busy.read("GET").status()).isEqualTo(200);
            assertThat(listener.awaitClosed(LATE)).isTrue();
        }
    }

    @Test
    void aRequestWhoseBodyHadToBeReadAfterGivingUpIsNotServed() throws IOException {
        try (HttpListener listener = listener();
                RawConnection client = new RawConnection(listener.port())) {
            Await.until("the connection is accepted", () -> listener.openConnections() == 1);
            listener.stopAccepting();
            listener.giveUpOnUnread();

            // No request has begun, so the connection closes like an idle one.
            assertThat(client.isClosedInOrder()).isTrue();
            assertThat(listener.awaitClosed(LATE)).isTrue();
        }
    }

    @Test
    void closedWithoutADrainItInterruptsWhatDoesNotEndAndLeavesNothing() throws IOException {
        HttpListener listener = listener();
        try (RawConnection busy = new RawConnection(listener.port());
                RawConnection idle = new RawConnection(listener.port());
                RawConnection half = new RawConnection(listener.port())) {
            busy.send("GET", "/hangs");
            Await.latch(hanging);
            half.send("GET", "/quick", "Content-Length: 2");
            Await.until("both requests have begun", () -> begun.get() == 2);
            Thread closing = Thread.ofPlatform().start(listener::close);

            Await.end(closing);

            assertThat(Await.result(interrupted)).isTrue();
            assertThat(idle.isClosedByPeer()).isTrue();
            assertThat(half.hasMore())
                    .as("the half-sent request gets an answer")
                    .isTrue();
            Await.until("all connections are closed", () -> listener.openConnections() == 0);
        }
    }

    @Test
    void closingTwiceIsClosingOnce() throws IOException {
        HttpListener listener = listener();
        try (RawConnection client = new RawConnection(listener.port())) {
            client.send("GET", "/quick");
            assertThat(client.read("GET").status()).isEqualTo(200);

            listener.close();
            listener.close();

            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(listener.openConnections()).isZero();
        }
    }

    @Test
    void anInterruptedStopGoesOnAtOnce() throws IOException {
        List<Boolean> told = new ArrayList<>();
        try (HttpListener listener = listener();
                RawConnection client = new RawConnection(listener.port())) {
            Await.until("the connection is accepted", () -> listener.openConnections() == 1);
            Thread stopping = Thread.ofPlatform().start(() -> {
                Thread.currentThread().interrupt();
                listener.stopAccepting();
                told.add(listener.awaitClosed(LATE));
                told.add(Thread.currentThread().isInterrupted());
            });

            Await.end(stopping);

            assertThat(told).containsExactly(false, true);
            listener.closeIdle();
            assertThat(client.isClosedInOrder()).isTrue();
            assertThat(listener.awaitClosed(LATE)).isTrue();
        }
    }
}
