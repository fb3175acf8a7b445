package dev.muster.connection;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import dev.muster.testing.SocketTable;
import dev.muster.testing.ThreadDump;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that goes ends its request. A client that stays loses no byte, whatever it sends meanwhile. */
class ClientGoneTest {
    private static final String INPUT_THREAD = "client-input";
    private static final String HANGS = "hangs";
    private static final String GET = " HTTP/1.1\r\nHost: test\r\n";

    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final Service service = Service.start(backend.baseUri());
    private final CapturedLog log = new CapturedLog();

    private void answer(Call call) throws Exception {
        if (call.id().equals(HANGS) && call.isFor("posts")) {
            Await.latch(release);
        }
        call.answerWell();
    }

    @AfterEach
    void stop() {
        release.countDown();
        service.close();
        backend.close();
        log.close();
    }

    /** How a client goes. */
    enum Exit {
        CLOSE,
        RESET,
        HALF_CLOSE;

        void of(RawConnection client) {
            switch (this) {
                case CLOSE -> client.close();
                case RESET -> client.reset();
                case HALF_CLOSE -> client.halfClose();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestEndsWhenItsClientGoes(Exit exit) {
        Scrape before = Scrape.of(service);
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/" + HANGS, "X-Request-Id: r1", "Prefer: handling=lenient");
            backend.awaitRequests(1);
            Await.until(
                    "the others have answered",
                    () -> BackendNames.without("posts").stream()
                            .allMatch(name -> service.connections(name, "active") == 0));
            exit.of(client);

            assertThat(log.line("r1").fields())
                    .containsEntry("status", 499)
                    .containsEntry("outcome", "client-gone")
                    .containsEntry("posts", "cancelled: client-gone");
        }
        assertNothingIsLeft();
        assertThat(openToBackend())
                .as("connections, without that of the hanging call")
                .isEqualTo(BackendNames.without("posts").size());
        assertThat(counted(before, "muster_cancellations_total", Map.of("cause", "client-gone")))
                .isEqualTo(1);
        assertThat(counted(before, "muster_profile_requests_total", Map.of("result", "client-gone")))
                .isEqualTo(1);
        assertThat(counted(
                        before,
                        "http_server_request_duration_seconds_count",
                        Map.of("http_response_status_code", "499")))
                .isEqualTo(1);
    }

    @Test
    void aClientThatGoesWithoutReadingItsAnswerBehindABodyIsNoticedToo() {
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/" + HANGS, "X-Request-Id: r1", "Content-Length: 4");
            client.sendRaw("bo");
            client.sendRaw("dy");
            backend.awaitRequests(1);
        }
        assertThat(log.line("r1").fields()).containsEntry("status", 499);
        assertNothingIsLeft();
    }

    @Test
    void whatAClientThatGoesHadPipelinedIsNotServed() {
        try (RawConnection client = new RawConnection(service.port())) {
            client.sendRaw("GET /profiles/" + HANGS + GET + "X-Request-Id: r1\r\n\r\nGET /profiles/ada" + GET + "\r\n");
            backend.awaitRequests(1);
            awaitWatched();
            client.sendRaw("GET /profiles/grace" + GET + "\r\n");
        }
        assertThat(log.line("r1").fields()).containsEntry("status", 499);
        assertNothingIsLeft();
        assertThat(backend.calls()).extracting(Call::id).containsOnly(HANGS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 40, 41, 74, 75})
    void aRequestThatArrivesInPiecesWhileAnotherIsServedIsServedNext(int piece) {
        String next = "GET /profiles/grace" + GET + "X-Request-Id: request-of-grace\r\n\r\n";
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/" + HANGS);
            backend.awaitRequests(1);
            awaitWatched();
            client.sendRaw(next.substring(0, piece));
            release.countDown();
            assertProfile(client.read("GET"), HANGS);
            client.sendRaw(next.substring(piece));

            RawConnection.Response response = client.read("GET");
            assertProfile(response, "grace");
            assertThat(response.header("X-Request-Id")).isEqualTo("request-of-grace");
        }
        assertNothingIsLeft();
    }

    @Test
    void moreThanIsReadAheadIsServedInOrder() {
        List<String> ids = IntStream.range(0, 300).mapToObj(i -> "user-" + i).toList();
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/" + HANGS);
            backend.awaitRequests(1);
            awaitWatched();
            for (String id : ids) {
                client.sendRaw("GET /profiles/" + id + GET + "X-Padding: " + "x".repeat(200) + "\r\n\r\n");
            }
            release.countDown();

            assertProfile(client.read("GET"), HANGS);
            for (String id : ids) {
                assertProfile(client.read("GET"), id);
            }
        }
        assertNothingIsLeft();
    }

    @Test
    void fastRequestsAreNotWatched() {
        try (Service patient = Service.start(backend.baseUri(), Map.of("connection.client-gone-after", "PT1M"));
                RawConnection client = new RawConnection(patient.port())) {
            for (int i = 0; i < 100; i++) {
                client.send("GET", "/profiles/ada");
                assertProfile(client.read("GET"), "ada");
                assertThat(ThreadDump.take().named(INPUT_THREAD)).isZero();
            }
        }
    }

    @Test
    void aConnectionThatWasWatchedIsReadAsBeforeAfterItsNextRequest() {
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/" + HANGS);
            backend.awaitRequests(1);
            awaitWatched();
            release.countDown();
            assertProfile(client.read("GET"), HANGS);
            // On a slow machine a request takes long, and its client is watched again.
            Await.until("the second thread has ended", () -> {
                client.send("GET", "/openapi");
                assertThat(client.read("GET").status()).isEqualTo(200);
                return ThreadDump.take().named(INPUT_THREAD) == 0;
            });
        }
    }

    private static void awaitWatched() {
        Await.until("the client is watched", () -> ThreadDump.take().named(INPUT_THREAD) == 1);
    }

    private void assertNothingIsLeft() {
        Await.until(
                "all connections of clients are closed",
                () -> Scrape.of(service).sum("muster_server_open_connections", Map.of("listener", "server")) == 0);
        ThreadDump threads = ThreadDump.take();
        assertThat(threads.named(INPUT_THREAD)).isZero();
        assertThat(threads.threadsOfFanOuts()).isEmpty();
        for (String name : BackendNames.LABELS) {
            assertThat(service.connections(name, "active")).as(name).isZero();
        }
        assertThat(Scrape.of(service).sum("http_server_active_requests", Map.of()))
                .isZero();
    }

    private int openToBackend() {
        return SocketTable.openTo(backend.port()).size();
    }

    private double counted(Scrape before, String name, Map<String, String> labels) {
        return Scrape.of(service).sum(name, labels) - before.sum(name, labels);
    }
}
