package dev.muster;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.LoadsAll;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.ServiceProcess;
import dev.muster.testing.Soak;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A short form of an hour with all bad clients and backends at once, beside ordinary load. Each kind has a test of its
 * own elsewhere. Afterwards every gauge is back at its start, and a stop loses no request.
 */
class HostileHourTest {
    private static final Duration LASTS = Duration.ofSeconds(Soak.times(4, 300));
    private static final int CONNECTIONS = 100;

    /** The answers allowed in place of a profile under these conditions. */
    private static final Set<Integer> HONEST = Set.of(200, 502, 503, 504);

    private static final List<String> BROKEN_HEADS = List.of(
            "GET /profiles/ada HTTP/1.1\r\n\r\n",
            "GET /profiles/ada HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET /profiles/ada HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
            "get /profiles/ada HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /profiles/ada HTTP/9.9\r\nHost: a\r\n\r\n",
            "GET /profiles/ada#x HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /profiles:batch HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "\u0016\u0003\u0001");

    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger profiles = new AtomicInteger();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final List<Thread> all = new ArrayList<>();
    private final FakeBackend backend = FakeBackend.start(this::answer);
    /** The idle time from which a connection may give its place to a newcomer (ADR 16). */
    private static final Duration MAY_GO = Duration.ofMillis(250);

    private static final Pattern TOTAL = Pattern.compile("total;dur=([0-9.]+)");

    private final ServiceProcess service = ServiceProcess.launch("serve")
            .backends(backend.baseUri())
            .set("connection.max-connections", Integer.toString(CONNECTIONS))
            .set("backends.posts.max-connections", "8")
            .set("deadline.default", "PT2S")
            .set("bulk.deadline.default", "PT2S")
            .set("shutdown.drain", "PT30S")
            .set("log.max-queued-bytes", "65536")
            .set("log.stuck-after", "PT0S")
            .main(LoadsAll.class)
            .start();

    private void answer(Call call) throws Exception {
        switch (call.id()) {
            case "held" -> {
                held.incrementAndGet();
                Await.latch(release);
                call.answerWell();
            }
            case "slow" -> {
                pause(50);
                call.answerWell();
            }
            case "interim" ->
                call.send("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(9) + Call.jsonAnswer(call.goodBody()));
            case "garbage" -> call.send("no HTTP");
            default -> call.answerWell();
        }
    }

    @AfterEach
    void stop() {
        over.countDown();
        release.countDown();
        all.forEach(Thread::interrupt);
        service.close();
        backend.close();
    }

    /** Waits; true once the hour is over. */
    private boolean pause(int millis) throws InterruptedException {
        return over.await(millis, TimeUnit.MILLISECONDS);
    }

    /** An action that is repeated. */
    private interface Deed {
        void once() throws Exception;
    }

    private void atOnce(int count, Deed deed) {
        for (int i = 0; i < count; i++) {
            all.add(Thread.ofVirtual().start(() -> again(deed)));
        }
    }

    private void again(Deed deed) {
        while (over.getCount() > 0) {
            try {
                deed.once();
            } catch (UncheckedIOException | AssertionError e) {
                // The service may close the connection in the middle of a request.
            } catch (Exception e) {
                wrong.add(e.toString());
            }
        }
    }

    private static Response ask(RawConnection connection, String id, String... headers) {
        connection.send("GET", "/profiles/" + id, headers);
        return connection.read("GET");
    }

    private void askOnce(String id, String... headers) {
        try (RawConnection connection = new RawConnection(service.port())) {
            ask(connection, id, headers);
        }
    }

    /** A well-behaved client: each of its requests is answered, and its connection stays open. */
    private void askAndAsk() throws InterruptedException {
        long idleFrom = System.nanoTime();
        long idle = 0;
        try (RawConnection connection = new RawConnection(service.port())) {
            while (!pause(5)) {
                long begun = System.nanoTime();
                connection.send("GET", "/profiles/ada");
                idle = System.nanoTime() - idleFrom;
                Response answer = connection.read("GET");
                if (answer.status() == 200) {
                    profiles.incrementAndGet();
                } else if (!HONEST.contains(answer.status())) {
                    wrong.add(answer.toString());
                }
                if (answer.headers().containsKey("connection")) {
                    // The request was rejected on arrival, as all places were taken.
                    return;
                }
                idleFrom = begun + servedNanos(answer);
            }
        } catch (UncheckedIOException | AssertionError e) {
            // In a full house, a connection may be closed from MAY_GO on: the busy machine let this client pause as
            // long.
            if (idle < MAY_GO.toNanos()) {
                wrong.add("a request was lost after at most " + idle / 1_000_000 + " ms idle: " + e);
            }
        }
    }

    /** A lower bound, so that the time from its end is an upper bound of the connection's idle time. */
    private static long servedNanos(Response answer) {
        Matcher total = TOTAL.matcher(Objects.requireNonNullElse(answer.header("Server-Timing"), ""));
        return total.find() ? Math.round(Double.parseDouble(total.group(1)) * 1e6) : 0;
    }

    private void sayNothing(int port) throws InterruptedException {
        try (RawConnection idle = new RawConnection(port)) {
            ask(idle, "ada");
            pause(500);
        }
    }

    private void sendBrokenHead(int which) {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.sendRaw(BROKEN_HEADS.get(which));
            int status = connection.readHead().status();
            if (status == 200 || status == 500) {
                wrong.add(status + " for broken head " + which);
            }
        }
    }

    private void sendBatch(int ids, int repetitions) {
        String list = IntStream.range(0, ids * repetitions)
                .mapToObj(i -> "\"b" + i % ids + "\"")
                .reduce((a, b) -> a + "," + b)
                .orElseThrow();
        String body = "{\"ids\":[" + list + "]}";
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send(
                    "POST", "/profiles:batch", "Content-Type: application/json", "Content-Length: " + body.length());
            connection.sendRaw(body);
            connection.readHead();
        }
    }

    private void leave() {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("GET", "/profiles/slow");
            connection.reset();
        }
    }

    private void freeze() throws InterruptedException {
        pause(700);
        service.signal("STOP");
        try {
            pause(300);
        } finally {
            service.signal("CONT");
        }
    }

    private void takeFilesAway() throws InterruptedException {
        pause(900);
        service.closeFiles();
        try {
            pause(300);
        } finally {
            service.openFiles();
        }
    }

    private double gauge(String name, Map<String, String> labels) {
        return Scrape.of(service.admin("/metrics")).sum(name, labels);
    }

    private void awaitNone(String name, Map<String, String> labels) {
        Await.until(name + labels + " is back at zero", () -> gauge(name, labels) == 0);
    }

    @Test
    @Timeout(600)
    void afterwardsEveryGaugeIsBackAndAStopLosesNothing() throws Exception {
        service.awaitServing();
        try (RawConnection first = new RawConnection(service.port())) {
            assertProfile(ask(first, "ada"), "ada");
        }
        service.stopReading();

        String digits = "9".repeat(12_000);
        atOnce(4, this::askAndAsk);
        atOnce(2, () -> askOnce("ada", "Prefer: wait=" + digits + "x"));
        atOnce(2, () -> askOnce("ada", "x-envoy-expected-rq-timeout-ms: " + digits + "x"));
        atOnce(CONNECTIONS + 50, () -> sayNothing(service.port()));
        atOnce(80, () -> sayNothing(service.adminPort()));
        atOnce(24, () -> askOnce("slow", "Prefer: handling=lenient"));
        atOnce(2, () -> askOnce("interim"));
        atOnce(2, () -> askOnce("garbage", "Prefer: handling=lenient"));
        atOnce(2, () -> sendBatch(50, 10));
        atOnce(1, () -> sendBatch(1, 11));
        atOnce(2, this::leave);
        for (int i = 0; i < BROKEN_HEADS.size(); i++) {
            int which = i;
            atOnce(1, () -> sendBrokenHead(which));
        }
        atOnce(1, this::freeze);
        atOnce(1, this::takeFilesAway);
        assertThat(pause(Math.toIntExact(LASTS.toMillis()))).isFalse();
        over.countDown();
        all.forEach(Await::end);
        service.goOnReading();

        assertThat(wrong).isEmpty();
        assertThat(profiles.get()).isPositive();
        awaitNone("http_server_active_requests", Map.of());
        awaitNone("muster_server_open_connections", Map.of("listener", "server"));
        awaitNone("muster_profiles_fanned_out", Map.of());
        awaitNone("muster_profiles_waiting", Map.of());
        awaitNone("muster_backend_waiting_calls", Map.of());
        awaitNone("http_client_open_connections", Map.of("http_connection_state", "active"));
        awaitNone("muster_bulk_active_workers", Map.of());
        awaitNone("muster_bulk_queued_items", Map.of());
        awaitNone("muster_bulk_buffered_bytes", Map.of());
        Await.until(
                "the scrape has the only connection to the admin port",
                () -> gauge("muster_server_open_connections", Map.of("listener", "admin")) == 1);
        assertThat(service.admin("/health/live").status()).isEqualTo(200);
        Await.until("the service is ready", () -> service.admin("/health/ready").status() == 200);
        assertAStopLosesNothing();
    }

    private void assertAStopLosesNothing() {
        List<RawConnection> clients = new ArrayList<>();
        int requests = 8;
        for (int i = 0; i < requests; i++) {
            RawConnection client = new RawConnection(service.port());
            clients.add(client);
            client.send("GET", "/profiles/held", "x-envoy-expected-rq-timeout-ms: 60000");
        }
        Await.until("all calls are in flight", () -> held.get() == requests * BackendNames.CALLS_OF_A_REQUEST);
        int port = service.port();

        service.signal("TERM");
        Await.until("the port refuses connections", () -> ServiceProcess.refuses(port));
        release.countDown();

        for (RawConnection client : clients) {
            assertProfile(client.read("GET"), "held");
            client.close();
        }
        assertThat(service.awaitExit()).isZero();
    }
}
