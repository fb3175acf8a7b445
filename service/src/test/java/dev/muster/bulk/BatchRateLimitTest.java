package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A backend's rate limit delays the calls of batches, and no others. */
class BatchRateLimitTest {
    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final List<BatchClient> clients = new ArrayList<>();
    private Service service;

    private void start(int perSecond, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "backends.user.bulk-rate-limit", Integer.toString(perSecond),
                "bulk.deadline.max", "PT5M",
                "bulk.deadline.default", "PT5M"));
        all.putAll(settings);
        service = Service.start(backend.baseUri(), all);
    }

    private void answer(Call call) throws Exception {
        if (call.id().startsWith("held") && call.isFor("user")) {
            Await.latch(release);
        }
        call.answerWell();
    }

    @AfterEach
    void stop() {
        release.countDown();
        clients.forEach(BatchClient::close);
        service.close();
        backend.close();
    }

    private BatchClient post(List<String> ids, String... headers) {
        BatchClient client = new BatchClient(service.port());
        clients.add(client);
        return client.post(ids, headers);
    }

    private long userCalls(String prefix) {
        return backend.calls().stream()
                .filter(call -> call.isFor("user") && call.id().startsWith(prefix))
                .count();
    }

    @Test
    void callsOfBatchesComeNoFasterThanTheLimit() {
        start(20, Map.of());
        List<String> ids = BatchClient.ids("bulk", 10);
        long begun = System.nanoTime();

        BatchClient first = post(ids, BatchClient.LINES);
        BatchClient second = post(ids, BatchClient.LINES);
        first.rest().assertComplete(ids);
        second.rest().assertComplete(ids);

        // The limit starts with a tenth of a second's calls: two at once. Then 18 more follow, one each 50 ms.
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(18 * 50_000_000L);
        assertThat(userCalls("bulk")).isEqualTo(20);
    }

    @Test
    void singleRequestsAreNotLimited() {
        start(1, Map.of());
        BatchClient batch = post(BatchClient.ids("bulk", 100), BatchClient.LINES);
        assertThat(batch.line()).contains("\"complete\":true");

        int singles = 50;
        for (int i = 0; i < singles; i++) {
            assertProfile(service.get("/profiles/single-" + i), "single-" + i);
        }

        assertThat(BulkState.of(service).queued())
                .as("waiting ids of the batch")
                .isPositive();
        assertThat(userCalls("bulk")).as("calls of the batch").isLessThan(singles);
    }

    @Test
    void otherBackendsAreNotLimited() {
        start(1, Map.of("bulk.workers", "20"));
        List<String> ids = BatchClient.ids("held", 20);
        post(ids, BatchClient.LINES);

        Await.until(
                "all calls to the others have come",
                () -> backend.calls().stream()
                                .filter(call -> !call.isFor("user"))
                                .toList()
                                .size()
                        == ids.size() * BackendNames.NOT_REQUIRED.size());
        assertThat(userCalls("held")).isLessThan(ids.size());
    }

    @Test
    void anIdWhoseTurnWouldComeTooLateFailsAtOnce() {
        start(1, Map.of("bulk.workers", "32", "bulk.deadline.default", "PT15S"));
        BatchClient batch = post(BatchClient.ids("held", 32), BatchClient.LINES);

        // At most one begins at once and fifteen within the deadline. The others fail while the first is held.
        for (int i = 0; i < 16; i++) {
            JsonNode problem = line(batch).path("problem");
            assertThat(problem.path("type").asString()).isEqualTo("/problems/overloaded");
            assertThat(problem.path("status").asInt()).isEqualTo(503);
            assertThat(problem.path("backend").asString()).isEqualTo("user");
        }
        release.countDown();
        JsonNode next = line(batch);
        while (next.path("status").asInt() == 503) {
            next = line(batch);
        }
        assertThat(next.path("complete").asBoolean()).as(next.toString()).isTrue();
    }

    private static JsonNode line(BatchClient batch) {
        return JsonMapper.shared().readTree(batch.line());
    }

    @Test
    void waitingForATurnDoesNotUseUpTheBackendsTimeout() {
        start(1, Map.of("backends.user.timeout", "PT1M"));
        // The first call is slow, and must not use up the batch's time. At most one token is free after it.
        post(BatchClient.ids("first", 1), BatchClient.LINES).rest();
        List<String> ids = BatchClient.ids("bulk", 4);

        post(ids, BatchClient.LINES).rest().assertComplete(ids);

        // The last call waited for 3 s or more, and still announces a timeout of nearly a minute.
        assertThat(backend.calls())
                .filteredOn(call -> call.isFor("user") && call.id().startsWith("bulk"))
                .last()
                .extracting(
                        call -> call.headers("x-envoy-expected-rq-timeout-ms").getFirst())
                .satisfies(millis -> assertThat(Integer.parseInt(millis)).isBetween(58_000, 60_000));
    }

    @Test
    void aBatchThatIsCancelledLeavesItsTurnsToOthers() {
        start(1, Map.of("bulk.workers", "32", "backends.user.timeout", "PT1M"));
        BatchClient gone = post(BatchClient.ids("gone", 32), BatchClient.LINES);
        assertThat(gone.line()).contains("\"complete\":true");
        Await.until(
                "all workers are busy",
                () -> backend.calls().stream()
                                .filter(call -> call.isFor("friends"))
                                .count()
                        == 32);
        gone.close();
        BulkState.awaitNothing(service);

        // Behind the cancelled calls, its turn would come in half a minute.
        List<String> ids = BatchClient.ids("bulk", 1);
        post(ids, BatchClient.LINES, "Prefer: wait=20").rest().assertComplete(ids);
    }
}
