package dev.muster.connection;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import dev.muster.testing.ThreadDump;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A slow client holds nothing for longer than its limits, and gets an answer that says so where possible. */
class SlowClientTest {
    private static final String SHORT = "PT0.1S";
    private static final String HOST = "Host: test\r\n";

    private final FakeBackend backend = FakeBackend.start(Call::answerWell);
    private final CapturedLog log = new CapturedLog();
    private Service service;

    /** Starts the service with one short limit; the others are long. */
    private void start(String limit) {
        Map<String, String> settings = new HashMap<>();
        for (String each : new String[] {"head-timeout", "body-timeout", "write-timeout", "idle-timeout"}) {
            settings.put("connection." + each, each.equals(limit) ? SHORT : "PT1M");
        }
        service = Service.start(backend.baseUri(), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
        log.close();
    }

    @Test
    void aConnectionOnWhichNothingComesIsClosedWithoutAWord() {
        start("idle-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertCut("server", "idle-timeout");
        assertThat(log.remaining()).isEmpty();
    }

    @Test
    void aConnectionOnWhichNothingMoreComesIsClosedWithoutAWord() {
        start("idle-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/ada");
            assertProfile(client.read("GET"), "ada");
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertCut("server", "idle-timeout");
    }

    @Test
    void aConnectionThatWasWatchedIsIdleAfterwardsLikeAnyOther() {
        CountDownLatch release = new CountDownLatch(1);
        try (FakeBackend slow = FakeBackend.start(call -> {
            Await.latch(release);
            call.answerWell();
        })) {
            service = Service.start(
                    slow.baseUri(), Map.of("connection.idle-timeout", SHORT, "connection.client-gone-after", "PT0S"));
            try (RawConnection client = new RawConnection(service.port())) {
                client.send("GET", "/profiles/ada");
                slow.awaitRequests(1);
                Await.until("the client is watched", () -> ThreadDump.take().named("client-input") == 1);
                release.countDown();
                assertProfile(client.read("GET"), "ada");
                assertThat(client.isClosedByPeer()).isTrue();
            }
            assertCut("server", "idle-timeout");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "GET /profiles/ada HTTP/1.1",
                "GET /profiles/ada HTTP/1.1\r\n",
                "GET /profiles/ada HTTP/1.1\r\nHost",
                "GET /profiles/ada HTTP/1.1\r\nHost: test\r\n",
                "GET /profiles/ada HTTP/1.1\r\nHost: test\r\n\r"
            })
    void aHeadThatDoesNotComeInTimeIsAnswered(String beginning) {
        start("head-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            client.sendRaw(beginning);
            assertTooSlow(client.read("GET"), client);
        }
        assertCut("server", "head-timeout");
        assertThat(backend.calls()).isEmpty();
    }

    @Test
    void aHeadThatBeganWithTheRequestBeforeHasNoMoreTime() {
        start("head-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            client.sendRaw("GET /profiles/ada HTTP/1.1\r\n" + HOST + "\r\nGET /pro");
            assertProfile(client.read("GET"), "ada");
            assertTooSlow(client.read("GET"), client);
        }
        assertCut("server", "head-timeout");
    }

    @Test
    void aHeadThatDribblesGetsNoMoreTimeForEachByte() {
        start("head-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            client.sendRaw("GET /profiles/ada HTTP/1.1\r\n" + HOST + "X-Padding: ");
            dribble(client, "head-timeout");
        }
        assertThat(backend.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 10\r\n\r\n",
                "Content-Length: 10\r\n\r\nnot yet",
                "Transfer-Encoding: chunked\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
            })
    void aBodyThatDoesNotComeInTimeIsAnsweredAndCallsNoBackend(String rest) {
        start("body-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            client.sendRaw("GET /profiles/ada HTTP/1.1\r\n" + HOST + rest);
            RawConnection.Response response = client.read("GET");
            assertTooSlow(response, client);
            assertThat(log.line(response).fields()).containsEntry("status", 408).containsEntry("path", "/profiles/ada");
        }
        assertCut("server", "body-timeout");
        assertThat(backend.calls()).isEmpty();
    }

    @Test
    void aBodyThatDribblesGetsNoMoreTimeForEachByte() {
        start("body-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            client.sendRaw("GET /profiles/ada HTTP/1.1\r\n" + HOST + "Content-Length: 100000\r\n\r\n");
            dribble(client, "body-timeout");
        }
        assertThat(backend.calls()).isEmpty();
    }

    @Test
    void anErrorWaitsForTheBodyNoLongerThanItMayEither() {
        start("body-timeout");
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("POST", "/profiles/ada", "Content-Length: 10");

            RawConnection.Response response = client.read("POST");
            assertThat(response.status()).isEqualTo(405);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertCut("server", "body-timeout");
    }

    @Test
    void aClientThatStopsReadingIsCutOff() {
        start("write-timeout");
        int answers = 2000;
        try (RawConnection client = new RawConnection(service.port())) {
            // More than the socket buffers of both sides hold.
            String requests = ("GET /openapi HTTP/1.1\r\n" + HOST + "\r\n").repeat(answers);
            Thread.ofVirtual().start(() -> sendAsFarAsItGoes(client, requests));

            assertCut("server", "write-timeout");
            Await.until("the connection is gone", () -> open("server") == 0);
        }
        assertThat(log.remaining())
                .hasSizeLessThan(answers)
                .anySatisfy(line -> assertThat(line.fields()).containsEntry("status", 499));
    }

    @Test
    void theAdminPortHasTheSameLimits() {
        start("head-timeout");
        try (RawConnection client = new RawConnection(service.adminPort())) {
            client.sendRaw("GET /health/live HTTP/1.1\r\n");
            assertTooSlow(client.read("GET"), client);
        }
        assertCut("admin", "head-timeout");
    }

    private static void sendAsFarAsItGoes(RawConnection client, String requests) {
        try {
            client.sendRaw(requests);
        } catch (UncheckedIOException e) {
            // the service has cut the connection, as it should
        }
    }

    /** Sends a byte every 20 ms until the connection breaks. */
    private void dribble(RawConnection client, String reason) {
        CountDownLatch never = new CountDownLatch(1);
        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> {
            for (int i = 0; i < 500; i++) {
                client.sendRaw("x");
                never.await(20, TimeUnit.MILLISECONDS);
            }
        });
        assertCut("server", reason);
    }

    private static void assertTooSlow(RawConnection.Response response, RawConnection client) {
        assertProblem(response, 408, "request-timeout");
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.isClosedByPeer()).isTrue();
    }

    private void assertCut(String listener, String reason) {
        Await.until(
                reason + " is counted",
                () -> Scrape.of(service)
                                .sum(
                                        "muster_server_connections_cut_total",
                                        Map.of("listener", listener, "reason", reason))
                        == 1);
        assertThat(Scrape.of(service).sum("muster_server_connections_cut_total", Map.of()))
                .as("connections cut in all")
                .isEqualTo(1);
    }

    private double open(String listener) {
        return Scrape.of(service).sum("muster_server_open_connections", Map.of("listener", listener));
    }
}
