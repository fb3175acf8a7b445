package dev.muster.connection;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.lifecycle.Shutdown;
import dev.muster.logging.CapturedLog;
import dev.muster.logging.CapturedLog.Line;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A shutdown as connected clients see it: every request is answered, or never begins. */
class DrainTest {
    private static final String LONG = "PT1M";
    private static final String SHORT = "PT0.5S";
    private static final String GET = " HTTP/1.1\r\nHost: test\r\n";
    /** Its posts are answered after {@link #release}. */
    private static final String HELD = "held";
    /** Its profile is more than socket buffers hold: the service waits until the client reads. */
    private static final String LARGE = "large";

    private static final int LARGE_POSTS = 12;
    private static final String MEGABYTE = "x".repeat(1 << 20);

    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final CapturedLog log = new CapturedLog();
    private final CapturedLog shutdownLog = new CapturedLog(Shutdown.class);
    private final CompletableFuture<Integer> code = new CompletableFuture<>();
    private Service service;
    private int port;
    private Thread stopping;

    private void answer(Call call) throws Exception {
        if (call.isFor("posts") && call.id().equals(HELD)) {
            Await.latch(release);
        }
        if (call.isFor("posts") && call.id().equals(LARGE)) {
            call.json(largePosts());
        } else {
            call.answerWell();
        }
    }

    private static String largePosts() {
        return IntStream.range(0, LARGE_POSTS)
                .mapToObj(i -> "{\"id\":\"p-large\",\"userId\":\"large\",\"title\":\"%d\",\"body\":\"%s\"}"
                        .formatted(i, MEGABYTE))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** Starts the service without a lame duck. Its other times are longer than any test, unless set. */
    private void start(String... settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "shutdown.lame-duck", "PT0S",
                "shutdown.linger", LONG,
                "shutdown.drain", LONG,
                "shutdown.cancel", LONG,
                "backends.posts.max-body", Integer.toString(64 << 20),
                "connection.write-timeout", LONG));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        service = Service.start(backend.baseUri(), all);
        port = service.port();
    }

    private RawConnection connect() {
        return new RawConnection(port);
    }

    private void beginStop() {
        stopping = Thread.ofPlatform().start(() -> {
            try {
                code.complete(service.shutDown());
            } catch (RuntimeException e) {
                code.completeExceptionally(e);
            }
        });
    }

    /** Begins to stop, and waits until the port is closed and answers say so. */
    private void closePort() {
        try (RawConnection canary = connect()) {
            ask(canary, "GET", "/nowhere");
            beginStop();
            Await.until(
                    "answers close their connections",
                    () -> ask(canary, "GET", "/nowhere").headers().containsKey("connection"));
            assertThatExceptionOfType(UncheckedIOException.class)
                    .as("the port is closed before answers say so")
                    .isThrownBy(this::connect);
        }
    }

    private static Response ask(RawConnection client, String method, String path) {
        client.send(method, path);
        return client.read(method);
    }

    private static void assertLast(Response response, RawConnection client) {
        assertThat(response.header("Connection")).as(response.toString()).isEqualTo("close");
        assertThat(client.isClosedInOrder()).isTrue();
    }

    private double drained() {
        return Scrape.of(service)
                .sum("muster_server_connections_cut_total", Map.of("listener", "server", "reason", "drained"));
    }

    private int inFlight() {
        return service.admin("/in-flight").json().path("count").intValue();
    }

    private void awaitPhase(int phase) {
        Await.until(
                "the stop is in its phase " + phase,
                () -> Scrape.of(service).sum("muster_shutdown_phase", Map.of()) == phase);
    }

    @AfterEach
    void stop() {
        release.countDown();
        if (stopping == null) {
            service.close();
        } else {
            Await.end(stopping);
        }
        backend.close();
        log.close();
        shutdownLog.close();
    }

    @Test
    void asLongAsThePortIsOpenNoAnswerSaysThatItIsTheLast() {
        start("shutdown.lame-duck", LONG, "server.max-requests", "1");
        try (RawConnection old = connect()) {
            ask(old, "GET", "/nowhere");
            beginStop();
            Await.until(
                    "it is not ready any more",
                    () -> service.admin("/health/ready").status() == 503);

            try (RawConnection anew = connect();
                    RawConnection held = connect()) {
                for (RawConnection client : List.of(old, anew)) {
                    for (String path : List.of(
                            "/profiles/ada",
                            "/profiles/a;b",
                            "/nowhere",
                            "/openapi",
                            "/problems",
                            "/problems/draining",
                            "/problems/nothing")) {
                        for (String method : List.of("GET", "HEAD", "POST")) {
                            assertThat(ask(client, method, path).headers())
                                    .as(method + " " + path)
                                    .doesNotContainKey("connection");
                        }
                    }
                }
                held.send("GET", "/profiles/" + HELD);
                Await.until(
                        "its backends are called",
                        () -> backend.calls().stream()
                                .anyMatch(call -> call.id().equals(HELD)));
                Response refused = ask(anew, "GET", "/profiles/ada");
                assertProblem(refused, 503, "overloaded");
                assertThat(refused.headers()).doesNotContainKey("connection");
                release.countDown();
                Response last = held.read("GET");
                assertProfile(last, HELD);
                assertThat(last.headers()).doesNotContainKey("connection");
            }
        }
        // The answer is sent before the request ends.
        Await.until("nothing is in flight", () -> inFlight() == 0);
        stopping.interrupt();
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
    }

    @Test
    void whoWaitsForItsAnswerGetsItAndWhoFindsNoRoomIsToldSo() {
        start("server.max-requests", "1");
        try (RawConnection held = connect();
                RawConnection refused = connect()) {
            ask(refused, "GET", "/nowhere");
            held.send("GET", "/profiles/" + HELD);
            backend.awaitRequests(1);
            closePort();

            Response response = ask(refused, "GET", "/profiles/ada");
            assertProblem(response, 503, "overloaded");
            assertLast(response, refused);
            release.countDown();
            Response last = held.read("GET");
            assertProfile(last, HELD);
            assertLast(last, held);
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
    }

    @Test
    void whoWasRefusedAndHasAskedAgainIsAnswered() {
        start("server.max-requests", "1", "connection.refusals-per-second", "1", "shutdown.linger", "PT0S");
        try (RawConnection held = connect();
                RawConnection refused = connect()) {
            held.send("GET", "/profiles/" + HELD);
            backend.awaitRequests(1);
            assertProblem(ask(refused, "GET", "/profiles/ada"), 503, "overloaded");
            assertProblem(ask(refused, "GET", "/profiles/ada"), 503, "overloaded");

            refused.send("GET", "/profiles/ada");
            beginStop();

            Response response = refused.read("GET");
            assertProblem(response, 503, "overloaded");
            assertLast(response, refused);
            release.countDown();
            assertProfile(held.read("GET"), HELD);
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
    }

    @Test
    void whatIsPipelinedBehindTheLastAnswerIsNotServed() {
        start();
        try (RawConnection waits = connect();
                RawConnection asks = connect()) {
            String two = "GET /profiles/%s" + GET + "\r\nGET /profiles/grace" + GET + "\r\n";
            ask(asks, "GET", "/nowhere");
            waits.sendRaw(two.formatted(HELD));
            backend.awaitRequests(1);
            closePort();

            asks.sendRaw(two.formatted("ada"));
            Response answer = asks.read("GET");
            assertProfile(answer, "ada");
            assertLast(answer, asks);
            release.countDown();
            Response last = waits.read("GET");
            assertProfile(last, HELD);
            assertLast(last, waits);
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
        assertThat(backend.calls())
                .extracting(Call::id)
                .containsOnly("ada", HELD)
                .hasSize(2 * BackendNames.CALLS_OF_A_REQUEST);
    }

    @Test
    void connectionsMayAskOnceMoreUntilTheLingerIsOver() {
        start();
        try (RawConnection used = connect();
                RawConnection fresh = connect()) {
            ask(used, "GET", "/nowhere");
            closePort();

            for (RawConnection client : List.of(used, fresh)) {
                Response answer = ask(client, "GET", "/profiles/ada");
                assertProfile(answer, "ada");
                assertLast(answer, client);
            }
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
    }

    @Test
    void connectionsOnWhichNothingHasBegunAreClosedAfterTheLingerWithoutAByte() {
        start("shutdown.linger", SHORT);
        try (RawConnection used = connect();
                RawConnection fresh = connect();
                RawConnection held = connect();
                RawConnection half = connect()) {
            ask(used, "GET", "/nowhere");
            held.send("GET", "/profiles/" + HELD);
            backend.awaitRequests(1);
            half.send("GET", "/profiles/ada", "Content-Length: 3");
            Await.until("its body is awaited", () -> inFlight() == 2);
            beginStop();

            assertThat(used.isClosedInOrder()).isTrue();
            assertThat(fresh.isClosedInOrder()).isTrue();

            // They are counted before they are closed. Requests that have begun go on.
            assertThat(drained()).isEqualTo(2);
            assertThat(inFlight()).isEqualTo(2);
            half.sendRaw("abc");
            Response complete = half.read("GET");
            assertProfile(complete, "ada");
            assertLast(complete, half);
            release.countDown();
            Response last = held.read("GET");
            assertProfile(last, HELD);
            assertLast(last, held);
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
    }

    @Test
    void aConnectionWhoseAnswerHadBegunBeforeThePortWasClosedIsClosedBehindIt() {
        start("shutdown.linger", SHORT);
        try (RawConnection reads = connect();
                RawConnection idle = connect()) {
            reads.send("GET", "/profiles/" + LARGE);
            assertThat(reads.hasMore()).isTrue();
            beginStop();
            assertThat(idle.isClosedInOrder()).isTrue();

            Response answer = reads.read("GET");

            assertThat(answer.headers()).doesNotContainKey("connection");
            assertWholeLargeProfile(answer);
            assertThat(reads.isClosedInOrder()).isTrue();
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
    }

    private static void assertWholeLargeProfile(Response response) {
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).hasSizeGreaterThan(LARGE_POSTS << 20);
        assertThat(response.json().path("posts")).hasSize(LARGE_POSTS);
    }

    @Test
    void aClientThatReadsSlowlyGetsAllOfItsAnswerEvenWhenOthersAreCancelled() {
        start("shutdown.linger", "PT0S", "shutdown.drain", SHORT);
        try (RawConnection reads = connect()) {
            reads.send("GET", "/profiles/" + LARGE);
            assertThat(reads.hasMore()).isTrue();
            beginStop();
            awaitPhase(3);

            assertWholeLargeProfile(reads.read("GET"));
            assertThat(reads.isClosedInOrder()).isTrue();
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
        assertThat(complete().fields()).containsEntry("completed", 1L).containsEntry("cancelled", 0L);
    }

    private Line complete() {
        return shutdownLog.remaining().getLast();
    }

    @Test
    void aRequestThatTakesLongerThanTheDrainIsCancelled() {
        start("shutdown.linger", "PT0S", "shutdown.drain", SHORT);
        try (RawConnection held = connect()) {
            held.send("GET", "/profiles/" + HELD);
            backend.awaitRequests(1);
            beginStop();

            Response response = held.read("GET");
            assertDraining(response);
            assertThat(response.json().path("cause").stringValue()).isEqualTo("shutdown");
            assertThat(log.line(response).fields())
                    .containsEntry("status", 503)
                    .containsEntry("problem", "draining")
                    .containsEntry("posts", "cancelled: shutdown");
            assertLast(response, held);
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
        assertThat(complete().fields()).containsEntry("completed", 0L).containsEntry("cancelled", 1L);
    }

    private static void assertDraining(Response response) {
        assertProblem(response, 503, "draining");
        assertThat(response.header("Retry-After")).matches("[1-9][0-9]*");
    }

    @Test
    void whatHasNotArrivedToItsEndWhenOthersAreCancelledIsAnsweredAndNeverBegins() {
        start("shutdown.linger", SHORT, "shutdown.drain", SHORT);
        List<RawConnection> halves = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        try (RawConnection reads = connect();
                RawConnection idle = connect();
                RawConnection pipelines = connect()) {
            for (String half : List.of(
                    "G",
                    "GET /profiles/ada" + GET,
                    "GET /profiles/ada" + GET + "Content-Length: 10\r\n\r\n",
                    "GET /profiles/ada" + GET + "Content-Length: 10\r\n\r\nabc",
                    "GET /profiles/ada" + GET + "Transfer-Encoding: chunked\r\n\r\n3\r\nab")) {
                RawConnection client = connect();
                client.sendRaw(half);
                halves.add(client);
            }
            pipelines.sendRaw("GET /nowhere" + GET + "\r\nGET /profiles/ada" + GET);
            halves.add(pipelines);
            assertThat(pipelines.read("GET").status()).isEqualTo(404);
            // This request is not cancelled, so the service still runs and can be asked.
            reads.send("GET", "/profiles/" + LARGE);
            assertThat(reads.hasMore()).isTrue();
            Await.until("three bodies are awaited", () -> inFlight() == 4);
            beginStop();

            for (RawConnection client : halves) {
                Response response = client.read("GET");
                assertDraining(response);
                refused.add(response.header("X-Request-Id"));
                assertLast(response, client);
            }
            assertThat(idle.isClosedInOrder()).isTrue();
            assertThat(drained()).isEqualTo(halves.size() + 1);
            assertThat(reads.read("GET").status()).isEqualTo(200);
        } finally {
            halves.forEach(RawConnection::close);
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
        assertThat(backend.calls()).extracting(Call::id).containsOnly(LARGE);
        assertThat(log.remaining())
                .extracting(Line::fields)
                .filteredOn(fields -> fields.get("status").equals(503))
                .allSatisfy(fields -> assertThat(fields).containsEntry("problem", "draining"))
                .extracting(fields -> fields.get("requestId"))
                .containsExactlyInAnyOrderElementsOf(refused);
        assertThat(complete().fields()).containsEntry("completed", 1L).containsEntry("cancelled", 6L);
    }

    @Test
    void aBodyThatArrivesDuringTheDrainIsRead() {
        start();
        try (RawConnection byLength = connect();
                RawConnection chunked = connect();
                RawConnection head = connect()) {
            byLength.send("GET", "/profiles/ada", "Content-Length: 3");
            byLength.sendRaw("a");
            chunked.send("GET", "/profiles/ada", "Transfer-Encoding: chunked");
            chunked.sendRaw("3\r\nab");
            head.sendRaw("GET /profiles/ada HTT");
            Await.until("two bodies are awaited", () -> inFlight() == 2);
            closePort();

            byLength.sendRaw("bc");
            chunked.sendRaw("c\r\n0\r\n\r\n");
            head.sendRaw("P/1.1\r\nHost: test\r\n\r\n");

            for (RawConnection client : List.of(byLength, chunked, head)) {
                Response response = client.read("GET");
                assertProfile(response, "ada");
                assertLast(response, client);
            }
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
    }

    @Test
    void aClientThatGoesIsNotWaitedFor() {
        start();
        try (RawConnection client = connect()) {
            client.send("GET", "/profiles/" + HELD, "X-Request-Id: r1");
            backend.awaitRequests(1);
            closePort();
        }
        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
        assertThat(log.line("r1").fields()).containsEntry("status", 499).containsEntry("outcome", "client-gone");
        assertThat(complete().fields()).containsEntry("cancelled", 0L);
    }

    @Test
    void aClientThatNeverReadsItsAnswerIsLeftBehindAndNamed() {
        start("shutdown.linger", "PT0S", "shutdown.drain", SHORT, "shutdown.cancel", "PT0.1S");
        try (RawConnection client = connect()) {
            client.send("GET", "/profiles/" + LARGE, "X-Request-Id: r1");
            assertThat(client.hasMore()).isTrue();
            beginStop();

            assertThat(Await.result(code)).isEqualTo(Shutdown.ABANDONED);
        }
        assertThat(shutdownLog.remaining())
                .filteredOn(line -> line.message().equals("request abandoned"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.fields())
                            .containsEntry("method", "GET")
                            .containsEntry("path", "/profiles/" + LARGE)
                            .containsEntry("requestId", "r1")
                            .doesNotContainKey("waitingFor");
                    assertThat(line.text()).contains("GuardedWriter");
                });
        assertThat(complete().fields()).containsEntry("abandoned", 1);
    }
}
