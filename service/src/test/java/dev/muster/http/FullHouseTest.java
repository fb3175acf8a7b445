package dev.muster.http;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.admin.Probe;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All places for connections are taken: a new connection replaces the one that has been idle longest. */
class FullHouseTest {
    private static final int ADMIN_CONNECTIONS = 64;

    /** Answers for this id wait until released. */
    private static final String HELD = "held";

    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final List<RawConnection> clients = new ArrayList<>();
    private Service service;

    private void answer(Call call) throws Exception {
        if (call.id().equals(HELD)) {
            Await.latch(release);
        }
        call.answerWell();
    }

    private void start(int most) {
        service = Service.start(backend.baseUri(), Map.of("connection.max-connections", Integer.toString(most)));
    }

    @AfterEach
    void stop() {
        release.countDown();
        clients.forEach(RawConnection::close);
        service.close();
        backend.close();
    }

    private RawConnection connect(int port) {
        RawConnection client = new RawConnection(port);
        clients.add(client);
        return client;
    }

    private static Response ask(RawConnection client, String path) {
        client.send("GET", path);
        return client.read("GET");
    }

    /** A connection that has received an answer and stays open. */
    private RawConnection observer(int port, String path) {
        RawConnection client = connect(port);
        assertThat(ask(client, path).status()).isEqualTo(200);
        return client;
    }

    private List<RawConnection> observers(int count, int port, String path) {
        return Stream.generate(() -> observer(port, path)).limit(count).toList();
    }

    private RawConnection busy() {
        RawConnection client = connect(service.port());
        client.send("GET", "/profiles/" + HELD);
        return client;
    }

    private double cut(String listener, String reason) {
        return Scrape.of(service)
                .sum("muster_server_connections_cut_total", Map.of("listener", listener, "reason", reason));
    }

    @Test
    void healthIsAnsweredHoweverManyObserversAreIdle() {
        start(100);
        observers(ADMIN_CONNECTIONS, service.adminPort(), "/health/ready");

        assertThat(service.admin("/health/live").status()).isEqualTo(200);
        assertThat(Probe.whyNotReady("127.0.0.1", service.adminPort())).isEmpty();
        assertThat(cut("admin", "refused")).isZero();
        assertThat(cut("admin", "evicted")).isPositive();
    }

    @Test
    void healthIsAnsweredHoweverManyClientsSayNothing() {
        start(100);
        IntStream.range(0, 2 * ADMIN_CONNECTIONS).forEach(_ -> connect(service.adminPort()));

        assertThat(service.admin("/health/live").status()).isEqualTo(200);
    }

    @Test
    void theLongestIdleGoesFirstAndWithoutAWord() {
        start(3);
        RawConnection first = observer(service.port(), "/profiles/ada");
        awaitIdle(1);
        RawConnection second = observer(service.port(), "/profiles/ada");
        awaitIdle(2);
        RawConnection third = observer(service.port(), "/profiles/ada");
        awaitIdle(3);
        assertProfile(ask(first, "/profiles/ada"), "ada");
        awaitIdle(3);

        RawConnection newcomer = connect(service.port());
        assertThat(second.isClosedInOrder()).isTrue();
        assertProfile(ask(newcomer, "/profiles/bob"), "bob");
        awaitIdle(3);
        RawConnection another = connect(service.port());
        assertThat(third.isClosedInOrder()).isTrue();
        assertProfile(ask(another, "/profiles/bob"), "bob");

        assertProfile(ask(first, "/profiles/ada"), "ada");
        assertThat(cut("server", "evicted")).isEqualTo(2);
        assertThat(cut("server", "refused")).isZero();
    }

    /** A connection becomes idle some time after its answer. */
    private void awaitIdle(int count) {
        Await.until(
                count + " connections are idle",
                () -> Scrape.of(service).sum("muster_server_idle_connections", Map.of("listener", "server")) == count);
    }

    @Test
    void whoIsBusyStays() {
        start(3);
        RawConnection head = connect(service.port());
        head.sendRaw("GET /profiles/ada HTTP/1.1\r\n");
        RawConnection body = connect(service.port());
        body.send("GET", "/profiles/ada", "Content-Length: 3");
        Await.until("the service waits for the body", () -> inFlight() == 1);
        RawConnection idle = observer(service.port(), "/profiles/ada");

        awaitPlace();

        assertThat(idle.isClosedInOrder()).isTrue();
        head.sendRaw("Host: test\r\n\r\n");
        assertProfile(head.read("GET"), "ada");
        body.sendRaw("abc");
        assertProfile(body.read("GET"), "ada");
    }

    private int inFlight() {
        return service.admin("/in-flight").json().path("count").intValue();
    }

    @Test
    void whereAllAreBusyNewcomersAreRefusedUntilOneIsIdle() {
        start(3);
        List<RawConnection> busy = Stream.generate(this::busy).limit(3).toList();
        backend.awaitRequests(3);

        Response refused = service.get("/profiles/ada");
        assertProblem(refused, 503, "overloaded");
        assertThat(refused.header("Retry-After")).matches("[1-9][0-9]*");
        assertThat(refused.header("Connection")).isEqualTo("close");
        assertThat(cut("server", "refused")).isEqualTo(1);
        assertThat(cut("server", "evicted")).isZero();

        release.countDown();
        busy.forEach(client -> assertProfile(client.read("GET"), HELD));
        awaitPlace();
    }

    /** On a busy machine, a connection is still busy for a moment after its answer. */
    private void awaitPlace() {
        Await.until("one connection is idle", () -> service.get("/profiles/bob").status() == 200);
    }

    @Test
    void moreNewcomersAtOnceThanThereArePlacesAllGetTheirAnswers() {
        int most = 20;
        start(most);
        observers(most, service.port(), "/profiles/ada");

        List<CompletableFuture<Response>> answers = Stream.generate(() -> service.getAsync("/profiles/bob"))
                .limit(300)
                .toList();

        assertThat(answers).map(Await::result).allSatisfy(answer -> {
            if (answer.status() != 200) {
                assertProblem(answer, 503, "overloaded");
            }
        });
        awaitPlace();
        Await.until("no more connections are open than allowed", () -> open() <= most);
    }

    private double open() {
        return Scrape.of(service).sum("muster_server_open_connections", Map.of("listener", "server"));
    }
}
