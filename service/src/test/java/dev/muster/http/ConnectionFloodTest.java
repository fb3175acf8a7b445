package dev.muster.http;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import dev.muster.testing.SocketTable;
import dev.muster.testing.ThreadDump;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many clients at once, some silent, some leaving early: the others are served, and nothing remains of any. */
class ConnectionFloodTest {
    /** Answers wait for this gate, which is open unless a test closes it. */
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private final FakeBackend backend = FakeBackend.start(this::answerOnceReleased);

    @AfterEach
    void stop() {
        gate.countDown();
        backend.close();
    }

    private void answerOnceReleased(Call call) throws Exception {
        Await.latch(gate);
        call.answerWell();
    }

    private Service service(String... settings) {
        Map<String, String> all = IntStream.range(0, settings.length / 2)
                .boxed()
                .collect(Collectors.toMap(i -> settings[2 * i], i -> settings[2 * i + 1]));
        return Service.start(backend.baseUri(), all);
    }

    @Test
    void clientsThatSayNothingKeepNobodyFromBeingServed() {
        try (Service service = service()) {
            int before = openConnections(service);
            List<RawConnection> silent = connect(service, 500);
            awaitOpenConnections(service, before + 500);

            assertThat(getAll(service, 200)).hasSize(200).allSatisfy(response -> assertProfile(response, "ada"));
            assertThat(openConnections(service)).isGreaterThanOrEqualTo(before + 500);

            silent.forEach(RawConnection::close);
            awaitOpenConnections(service, before);
        }
    }

    @Test
    void nothingIsLeftOfAFloodThatHalfTheClientsLeave() throws IOException {
        int waves = 10;
        int half = 100;
        try (Service service = flooded()) {
            wave(service, half, 1);
            Set<Long> threads = platformThreads();
            for (int wave = 2; wave <= waves; wave++) {
                wave(service, half, wave);
            }

            assertThat(answered(service, 499)).isEqualTo(waves * half);
            assertThat(answered(service, 200)).isEqualTo(waves * half);
            assertThat(cancelledAsClientsWent(service)).isEqualTo(waves * half);
            assertThat(backend.calls()).hasSize(waves * 2 * half * BackendNames.CALLS_OF_A_REQUEST);
            assertNothingIsLeft(service);
            assertThat(platformThreads()).isSubsetOf(threads);
        }
    }

    /** A service with enough connections for a whole wave. */
    private Service flooded() {
        return service("backends.max-connections", "400");
    }

    /** Half of the clients stay, half leave: of those, half close in order and half reset. Waves count from 1. */
    private void wave(Service service, int half, int number) throws IOException {
        gate = new CountDownLatch(1);
        List<RawConnection> stayers = connect(service, half);
        stayers.forEach(stayer -> stayer.send("GET", "/profiles/ada"));
        List<Socket> leavers = new ArrayList<>();
        for (int i = 0; i < half; i++) {
            leavers.add(ask(service, "/profiles/bob"));
        }
        backend.awaitRequests(number * 2 * half);

        for (int i = 0; i < half; i++) {
            leave(leavers.get(i), i % 2 == 0);
        }
        Await.until(
                "the service has noticed all clients that left",
                () -> answered(service, 499) == number * half && activeRequests(service) == half);
        Await.until(
                "the service still listens to the clients that stay",
                () -> ThreadDump.take().named("client-input") == half);
        gate.countDown();

        for (RawConnection stayer : stayers) {
            assertProfile(stayer.read("GET"), "ada");
            stayer.close();
        }
    }

    private static Socket ask(Service service, String path) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port());
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static void leave(Socket socket, boolean inOrder) throws IOException {
        if (!inOrder) {
            socket.setSoLinger(true, 0);
        }
        socket.close();
    }

    private void assertNothingIsLeft(Service service) {
        awaitOpenConnections(service, 0);
        Await.until(
                "all sockets are closed on the service's side",
                () -> SocketTable.openAt(service.port()).isEmpty());
        assertThat(activeRequests(service)).isZero();
        int idle = 0;
        for (String name : BackendNames.LABELS) {
            assertThat(service.connections(name, "active")).as(name).isZero();
            assertThat(service.waiting(name)).as(name).isZero();
            idle += service.connections(name, "idle");
        }
        assertThat(SocketTable.openTo(backend.port())).hasSize(idle);
        ThreadDump threads = ThreadDump.take();
        assertThat(threads.threadsOfFanOuts()).isEmpty();
        assertThat(threads.named("client-input")).isZero();
    }

    /** The ids of all threads but the JVM's carriers of virtual threads and other tests' servers, which come and go. */
    private static Set<Long> platformThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("ForkJoinPool-")
                        && !thread.getName().startsWith("qtp"))
                .map(Thread::threadId)
                .collect(Collectors.toSet());
    }

    @Test
    void connectionsBeyondTheMostAreToldSoUntilThereIsRoomAgain() {
        int most = 20;
        int beyond = 200;
        gate = new CountDownLatch(1);
        try (Service service = service("connection.max-connections", Integer.toString(most))) {
            List<RawConnection> busy = connect(service, most);
            busy.forEach(client -> client.send("GET", "/profiles/bob"));
            backend.awaitRequests(most);

            assertThat(IntStream.range(0, beyond).mapToObj(_ -> askAndWatchTheEnd(service)).toList().stream()
                            .map(Await::result))
                    .hasSize(beyond)
                    .allSatisfy(response -> {
                        assertOverloaded(response);
                        assertThat(response.header("Connection")).isEqualTo("close");
                    });
            assertThat(refusedConnections(service)).isEqualTo(beyond);
            awaitOpenConnections(service, most);

            gate.countDown();
            busy.forEach(client -> assertProfile(client.read("GET"), "bob"));
            busy.subList(0, 5).forEach(RawConnection::close);
            awaitOpenConnections(service, most - 5);
            assertThat(getAll(service, 5)).hasSize(5).allSatisfy(response -> assertProfile(response, "ada"));
            assertThat(refusedConnections(service)).isEqualTo(beyond);
            busy.forEach(RawConnection::close);
        }
    }

    @Test
    void silentConnectionsBeyondTheMostKeepNobodyFromBeingServed() {
        int most = 20;
        try (Service service = service("connection.max-connections", Integer.toString(most))) {
            List<RawConnection> silent = connect(service, 10 * most);

            assertProfile(service.get("/profiles/ada"), "ada");

            silent.forEach(RawConnection::close);
            awaitOpenConnections(service, 0);
        }
    }

    private static CompletableFuture<Response> askAndWatchTheEnd(Service service) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (RawConnection connection = new RawConnection(service.port())) {
                        connection.send("GET", "/profiles/ada");
                        Response response = connection.read("GET");
                        assertThat(connection.isClosedByPeer()).isTrue();
                        return response;
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    @Test
    void aRequestBeyondTheMostIsRefusedAtOnceAndItsConnectionStays() {
        gate = new CountDownLatch(1);
        try (Service service = service("server.max-requests", "3");
                RawConnection fourth = new RawConnection(service.port())) {
            List<CompletableFuture<Response>> three = Stream.generate(() -> service.getAsync("/profiles/ada"))
                    .limit(3)
                    .toList();
            backend.awaitRequests(3);

            fourth.send("GET", "/profiles/bob");
            Response refused = fourth.read("GET");

            assertOverloaded(refused);
            assertThat(refused.headers()).doesNotContainKey("connection");
            Await.until(
                    "the rejected request is counted",
                    () -> Scrape.of(service).sum("muster_server_requests_refused_total", Map.of()) == 1);
            assertThat(activeRequests(service)).isEqualTo(3);

            gate.countDown();
            assertThat(three).map(Await::result).allSatisfy(response -> assertProfile(response, "ada"));
            Await.until("the three requests have ended", () -> activeRequests(service) == 0);
            fourth.send("GET", "/profiles/bob");
            assertProfile(fourth.read("GET"), "bob");
            assertThat(backend.calls()).hasSize(4 * BackendNames.CALLS_OF_A_REQUEST);
        }
    }

    @Test
    void wherePerSecondTooManyAreRefusedWhoAsksAgainAtOnceWaits() {
        gate = new CountDownLatch(1);
        try (Service service = service("server.max-requests", "1", "connection.refusals-per-second", "1");
                RawConnection second = new RawConnection(service.port())) {
            CompletableFuture<Response> first = service.getAsync("/profiles/ada");
            backend.awaitRequests(1);

            long begin = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                second.send("GET", "/profiles/bob");
                assertOverloaded(second.read("GET"));
            }

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(200));
            gate.countDown();
            assertProfile(Await.result(first), "ada");
        }
    }

    @Test
    void aClientThatIsSlowToSendWhatNobodyWantsTakesNoRoom() {
        try (Service service = service("server.max-requests", "1");
                RawConnection get = new RawConnection(service.port());
                RawConnection post = new RawConnection(service.port())) {
            get.send("GET", "/profiles/ada", "Content-Length: 3");
            post.send("POST", "/profiles/ada", "Content-Length: 3");
            Await.until("both bodies are being read", () -> activeRequests(service) == 2);

            assertProfile(service.get("/profiles/bob"), "bob");
            Await.until("the request for bob has ended", () -> activeRequests(service) == 2);

            get.sendRaw("abc");
            assertProfile(get.read("GET"), "ada");
            post.sendRaw("abc");
            assertThat(post.read("POST").status()).isEqualTo(405);
        }
    }

    private static void assertOverloaded(Response response) {
        assertThat(response.status()).as(response.body()).isEqualTo(503);
        assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(response.json().path("type").asString()).isEqualTo("/problems/overloaded");
        assertThat(response.header("Retry-After")).matches("[1-9][0-9]*");
    }

    private static List<RawConnection> connect(Service service, int connections) {
        return Stream.generate(() -> new RawConnection(service.port()))
                .limit(connections)
                .toList();
    }

    /** Sends requests at once, each on its own connection. */
    private static List<Response> getAll(Service service, int requests) {
        List<CompletableFuture<Response>> answers = Stream.generate(() -> service.getAsync("/profiles/ada"))
                .limit(requests)
                .toList();
        return answers.stream().map(Await::result).toList();
    }

    private static void awaitOpenConnections(Service service, int count) {
        Await.until(count + " connections are open", () -> openConnections(service) == count);
    }

    private static int openConnections(Service service) {
        return (int) Scrape.of(service).sum("muster_server_open_connections", Map.of("listener", "server"));
    }

    private static int refusedConnections(Service service) {
        return (int) Scrape.of(service)
                .sum("muster_server_connections_cut_total", Map.of("listener", "server", "reason", "refused"));
    }

    private static int activeRequests(Service service) {
        return (int) Scrape.of(service).sum("http_server_active_requests", Map.of());
    }

    private static int answered(Service service, int status) {
        return (int) Scrape.of(service)
                .sum(
                        "http_server_request_duration_seconds_count",
                        Map.of("http_response_status_code", Integer.toString(status)));
    }

    private static int cancelledAsClientsWent(Service service) {
        return (int) Scrape.of(service).sum("muster_cancellations_total", Map.of("cause", "client-gone"));
    }
}
