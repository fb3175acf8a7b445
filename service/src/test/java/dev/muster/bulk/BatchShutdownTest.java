package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.Batches.Streamed;
import dev.muster.testing.OpenApi;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches during a shutdown: running ones may finish, and an answer that is cut short says so. */
class BatchShutdownTest {
    private static final String LONG = "PT1M";
    private static final String SHORT = "PT0.5S";
    private static final String WAIT = "Prefer: wait=30";

    private final ScriptedBackend backend = new ScriptedBackend();
    private final CapturedLog log = new CapturedLog();
    private final CompletableFuture<Integer> code = new CompletableFuture<>();
    private Service service;
    private OpenApi openApi;
    private Thread stopping;

    private void start(String drain) {
        service = Service.start(
                backend.baseUri(),
                Map.of(
                        "shutdown.linger", drain,
                        "shutdown.drain", drain,
                        "shutdown.cancel", LONG,
                        "bulk.workers", "2"));
        openApi = OpenApi.of(service);
    }

    private void beginStop() {
        stopping = Thread.ofPlatform().start(() -> code.complete(service.shutDown()));
    }

    /** Begins the shutdown, and waits until the port is closed and answers close their connections. */
    private void closePort() {
        try (RawConnection canary = new RawConnection(service.port())) {
            canary.send("GET", "/nowhere");
            canary.read("GET");
            beginStop();
            Await.until("answers close their connections", () -> {
                canary.send("GET", "/nowhere");
                return canary.read("GET").headers().containsKey("connection");
            });
        }
    }

    @AfterEach
    void stop() {
        backend.close();
        service.close();
        if (stopping != null) {
            Await.end(stopping);
        }
        log.close();
    }

    private void assertDraining(Response response) {
        assertProblem(response, 503, "draining");
        assertThat(response.header("Retry-After")).isEqualTo("1");
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
        assertThat(openApi.violations(Batches.PATH, "POST", response)).isEmpty();
    }

    private static void assertCutShort(Answer answer, int place) {
        assertThat(answer.at(place).path("status").intValue()).isEqualTo(503);
        assertThat(answer.problem(place)).isEqualTo("draining");
        assertThat(answer.at(place).at("/problem/cause").stringValue()).isEqualTo("shutdown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void aBatchThatRunsGoesOnToItsEndOnceThePortIsClosed(String form) {
        start(LONG);
        backend.hold("held-1", "held-2");
        try (Streamed answer =
                Batches.stream(service, List.of("ada", "held-1", "held-2", "grace"), WAIT, "Accept: " + form)) {
            answer.await("\"index\":0,");
            backend.awaitAsked("held-1", "held-2");
            closePort();
            backend.letGo("held-1", "held-2");

            Answer whole = answer.rest();
            assertThat(whole.tally()).containsExactly(4, 0, 0, 0);
            assertThat(whole.cause()).isNull();
            // Its head was sent earlier, without Connection: close. The next answer has it.
            answer.connection().sendRaw(Batches.request(Batches.body("hedy")));
            assertDraining(answer.connection().read("POST"));
            assertThat(answer.connection().isClosedInOrder()).isTrue();
        }
        assertThat(Await.result(code)).isZero();
    }

    @Test
    void aNewBatchOnAnOpenConnectionIsRefusedOnceThePortIsClosed() {
        start(LONG);
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/nowhere");
            client.read("GET");
            closePort();
            client.sendRaw(Batches.request(Batches.body("ada"), WAIT));

            Response response = client.read("POST");
            assertDraining(response);
            assertThat(response.json().has("cause")).isFalse();
            assertThat(client.isClosedInOrder()).isTrue();
        }
        assertThat(backend.asked()).isEmpty();
        assertThat(Await.result(code)).isZero();
    }

    @Test
    void linesThatHaveBegunEndWithWhatWasCutShort() {
        start(SHORT);
        backend.hold("held-1", "held-2");
        try (Streamed answer =
                Batches.stream(service, List.of("ada", "held-1", "held-2", "grace", "hedy"), WAIT, Batches.LINES)) {
            assertThat(answer.line().path("id").stringValue()).isEqualTo("ada");
            backend.awaitAsked("held-1", "held-2");
            beginStop();

            Answer whole = answer.rest();
            assertThat(whole.tally()).containsExactly(1, 0, 2, 2);
            assertCutShort(whole, 1);
            assertCutShort(whole, 2);
            assertThat(whole.cause()).isEqualTo("shutdown");
            assertThat(log.line(whole.response()).fields())
                    .containsEntry("status", 200)
                    .containsEntry("endedBy", "shutdown");
        }
        assertThat(Await.result(code)).isZero();
    }

    @Test
    void aDocumentThatHasBegunEndsWithWhatWasCutShort() {
        start(SHORT);
        backend.hold("held-1", "held-2");
        try (Streamed answer = Batches.stream(service, List.of("ada", "held-1", "held-2", "grace", "ada"), WAIT)) {
            answer.await("\"index\":0,");
            backend.awaitAsked("held-1", "held-2");
            beginStop();

            Answer whole = answer.rest();
            assertThat(whole.tally()).containsExactly(2, 0, 2, 1);
            assertThat(whole.places()).containsExactly(0, 1, 2, 4);
            assertCutShort(whole, 1);
            assertCutShort(whole, 2);
            assertThat(whole.cause()).isEqualTo("shutdown");
        }
        assertThat(Await.result(code)).isZero();
    }

    @Test
    void strictLinesThatHaveBegunEndWithTheSummary() {
        start(SHORT);
        backend.hold("held");
        try (Streamed answer = Batches.stream(
                service, List.of("ada", "held", "grace"), "Prefer: handling=strict, wait=30", Batches.LINES)) {
            assertThat(answer.line().has("profile")).isTrue();
            assertThat(answer.line().has("profile")).isTrue();
            beginStop();

            Answer whole = answer.rest();
            assertThat(whole.tally()).containsExactly(2, 0, 0, 1);
            assertThat(whole.cause()).isEqualTo("shutdown");
        }
        assertThat(Await.result(code)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept: application/json",
                "Accept: application/x-ndjson",
                "Prefer: handling=strict",
                "Accept: application/x-ndjson\r\nPrefer: handling=strict"
            })
    void aBatchWhoseAnswerHasNotBegunIsRefused(String headers) {
        start(SHORT);
        backend.hold("held-1", "held-2");
        try (Streamed answer = Batches.stream(
                service, List.of("held-1", "held-2", "ada"), headers, "x-envoy-expected-rq-timeout-ms: 30000")) {
            backend.awaitAsked("held-1", "held-2");
            beginStop();

            Response response = answer.response();
            assertDraining(response);
            assertThat(response.json().path("cause").stringValue()).isEqualTo("shutdown");
            assertThat(answer.connection().isClosedInOrder()).isTrue();
        }
        assertThat(backend.asked()).doesNotContain("ada");
        assertThat(Await.result(code)).isZero();
    }
}
