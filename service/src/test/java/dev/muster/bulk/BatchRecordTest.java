package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Streamed;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The traces of a batch: a log line, counts in the metrics, and its headers at the backends. */
class BatchRecordTest {
    private final ScriptedBackend backend = new ScriptedBackend();
    private final Service service = Service.start(
            backend.baseUri(), Map.of("bulk.workers", "2", "backends.posts.forward-headers", "Authorization,X-Tenant"));
    private final CapturedLog log = new CapturedLog();

    @AfterEach
    void stop() {
        service.close();
        backend.close();
        log.close();
    }

    private static void assertTally(Map<String, Object> line, List<Integer> tally) {
        assertThat(line)
                .containsEntry("requested", tally.get(0))
                .containsEntry("distinct", tally.get(1))
                .containsEntry("succeeded", tally.get(2))
                .containsEntry("partial", tally.get(3))
                .containsEntry("failed", tally.get(4))
                .containsEntry("notAttempted", tally.get(5));
    }

    private double items(String result) {
        return Scrape.of(service).sum("muster_bulk_items_total", Map.of("result", result));
    }

    private double batches(String result) {
        return Scrape.of(service).sum("muster_bulk_batches_total", Map.of("result", result));
    }

    @Test
    void theLineOfACompleteBatchHasItsCounts() {
        Response response = Batches.post(service, Batches.body("ada", "grace", "ada"));

        Map<String, Object> line = log.line(response).fields();
        assertThat(line)
                .containsEntry("method", "POST")
                .containsEntry("path", Batches.PATH)
                .containsEntry("status", 200)
                .containsEntry("deadlineMs", 60_000.0)
                .doesNotContainKeys("outcome", "endedBy", "problem", "userMs");
        assertTally(line, List.of(3, 2, 3, 0, 0, 0));
        assertThat(batches("complete")).isEqualTo(1);
        assertThat(items("complete")).isEqualTo(2);
        assertThat(log.remaining()).isEmpty();
    }

    @Test
    void theLineOfABatchThatLacksSomethingSaysSo() {
        Response response = Batches.post(service, Batches.body("ada", "nobody", "partial-1", "busy-1", "nobody"));

        Map<String, Object> line = log.line(response).fields();
        assertThat(line).containsEntry("status", 200).containsEntry("outcome", "partial");
        assertThat(line).doesNotContainKeys("endedBy", "problem");
        assertTally(line, List.of(5, 4, 1, 1, 3, 0));
        assertThat(batches("partial")).isEqualTo(1);
        assertThat(batches("complete")).isZero();
        assertThat(items("complete")).isEqualTo(1);
        assertThat(items("partial")).isEqualTo(1);
        assertThat(items("user-not-found")).isEqualTo(1);
        assertThat(items("overloaded")).isEqualTo(1);
    }

    @Test
    void theLineOfABatchThatWasEndedSaysByWhat() {
        backend.hold("late-1", "late-2");

        Response response = Batches.post(
                service, Batches.body("late-1", "late-2", "ada", "grace"), "x-envoy-expected-rq-timeout-ms: 300");

        Map<String, Object> line = log.line(response).fields();
        assertThat(line)
                .containsEntry("outcome", "partial")
                .containsEntry("endedBy", "deadline")
                .containsEntry("deadlineMs", 300.0);
        assertThat((int) line.get("failed") + (int) line.get("notAttempted")).isEqualTo(4);
        assertThat(items("not-attempted")).isEqualTo((double) (int) line.get("notAttempted"));
        assertThat(items("deadline-exceeded")).isEqualTo((double) (int) line.get("failed"));
        assertThat(batches("partial")).isEqualTo(1);
    }

    @Test
    void theLineOfAStrictBatchThatFailedHasTheProblemAndWhatBecameOfTheIds() {
        Response response = Batches.post(service, Batches.body("nobody", "nobody"), Batches.STRICT);

        Map<String, Object> line = log.line(response).fields();
        assertThat(line)
                .containsEntry("status", 404)
                .containsEntry("problem", "user-not-found")
                .containsEntry("endedBy", "sibling-failed");
        assertTally(line, List.of(2, 1, 0, 0, 0, 2));
        assertThat(batches("user-not-found")).isEqualTo(1);
        assertThat(items("user-not-found")).isEqualTo(1);
    }

    @Test
    void aBatchThatIsRefusedIsCountedAndLoggedWithItsProblem() {
        Response response = Batches.post(service, "{\"ids\":[]}");

        assertThat(log.line(response).fields())
                .containsEntry("status", 400)
                .containsEntry("problem", "bad-batch")
                .containsEntry("detail", "\"ids\" must name at least one id.")
                .doesNotContainKeys("requested", "endedBy");
        assertThat(batches("bad-batch")).isEqualTo(1);
        assertThat(Scrape.of(service).sum("muster_bulk_rejected_total", Map.of()))
                .isZero();
    }

    @Test
    void aClientThatHasGoneIsLoggedWithWhatItWasSent() {
        backend.hold("late");
        try (Streamed answer = Batches.stream(
                service, List.of("ada", "late", "grace"), Batches.LINES, "X-Request-Id: r1", "Prefer: wait=30")) {
            assertThat(answer.line().has("profile")).isTrue();
            assertThat(answer.line().has("profile")).isTrue();
            answer.connection().close();

            Map<String, Object> line = log.line("r1").fields();
            assertThat(line)
                    .containsEntry("status", 499)
                    .containsEntry("outcome", "client-gone")
                    .containsEntry("endedBy", "client-gone");
            assertTally(line, List.of(3, 3, 2, 0, 0, 1));
        }
        assertThat(batches("client-gone")).isEqualTo(1);
    }

    @Test
    void theMetricsOfSingleProfilesDoNotCountBatches() {
        Response response = Batches.post(service, Batches.body("ada", "nobody"));
        log.line(response);
        Response late = Batches.post(service, Batches.body("ada"), "Prefer: wait=0");
        log.line(late);

        Scrape scrape = Scrape.of(service);
        assertThat(scrape.sum("muster_profile_requests_total", Map.of())).isZero();
        assertThat(scrape.sum("muster_deadline_remaining_seconds_count", Map.of()))
                .isZero();
        assertThat(scrape.sum("muster_deadline_overshoot_seconds_count", Map.of()))
                .isZero();
        assertThat(scrape.sum(
                        "http_server_request_duration_seconds_count",
                        Map.of("http_request_method", "POST", "http_route", Batches.PATH)))
                .isEqualTo(2);
        assertThat(scrape.sum("muster_bulk_queue_wait_seconds_count", Map.of())).isGreaterThanOrEqualTo(2);
        assertThat(service.admin("/requests").body()).doesNotContain(response.header("X-Request-Id"));
    }

    @Test
    void theGaugesShowWhatABatchTakes() {
        backend.hold("late-1", "late-2");
        try (Streamed answer = Batches.stream(service, List.of("late-1", "late-2", "ada", "grace", "hedy"))) {
            backend.awaitAsked("late-1", "late-2");
            Scrape scrape = Scrape.of(service);
            assertThat(scrape.sum("muster_bulk_workers", Map.of())).isEqualTo(2);
            assertThat(scrape.sum("muster_bulk_active_workers", Map.of())).isEqualTo(2);
            assertThat(scrape.sum("muster_bulk_queued_items", Map.of())).isEqualTo(3);

            backend.letGo("late-2");
            Await.until(
                    "the result that waits for its turn is held",
                    () -> Scrape.of(service).sum("muster_bulk_buffered_bytes", Map.of()) > 400);
            backend.letGo("late-1");
            assertThat(answer.rest().tally()).containsExactly(5, 0, 0, 0);
        }
        Await.until("batches hold nothing", () -> {
            Scrape scrape = Scrape.of(service);
            return scrape.sum("muster_bulk_active_workers", Map.of()) == 0
                    && scrape.sum("muster_bulk_queued_items", Map.of()) == 0
                    && scrape.sum("muster_bulk_buffered_bytes", Map.of()) == 0;
        });
    }

    @Test
    void everyBackendCallCarriesOnWhatTheBatchCameWith() {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        List<String> ids = List.of("ada", "grace", "hedy");

        Response response = Batches.post(
                service,
                Batches.body(ids),
                "X-Request-Id: batch-7",
                "traceparent: " + trace,
                "tracestate: vendor=value",
                "Authorization: Bearer secret",
                "X-Tenant: one");

        assertThat(response.header("X-Request-Id")).isEqualTo("batch-7");
        assertThat(backend.calls().calls())
                .hasSize(ids.size() * BackendNames.CALLS_OF_A_REQUEST)
                .allSatisfy(call -> {
                    assertThat(call.headers("X-Request-Id")).containsExactly("batch-7");
                    assertThat(call.headers("traceparent")).containsExactly(trace);
                    assertThat(call.headers("tracestate")).containsExactly("vendor=value");
                    boolean forwarded = call.isFor("posts");
                    assertThat(call.headers("Authorization"))
                            .isEqualTo(forwarded ? List.of("Bearer secret") : List.of());
                    assertThat(call.headers("X-Tenant")).isEqualTo(forwarded ? List.of("one") : List.of());
                });
    }

    @Test
    void aBatchIsAmongTheRequestsInFlight() {
        backend.hold("late");
        try (Streamed answer = Batches.stream(service, List.of("late"))) {
            backend.awaitAsked("late");
            JsonNode inFlight = service.admin("/in-flight").json();
            assertThat(inFlight.path("count").intValue()).isEqualTo(1);
            assertThat(inFlight.at("/requests/0/method").stringValue()).isEqualTo("POST");
            assertThat(inFlight.at("/requests/0/path").stringValue()).isEqualTo(Batches.PATH);

            backend.letGo("late");
            assertThat(answer.rest().tally()).containsExactly(1, 0, 0, 0);
        }
    }
}
