package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches leave room at the backends for single requests, under any load. */
class BatchSingleFirstTest {
    private static final int CONNECTIONS = 10;
    private static final int SHARE = 7;

    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger bulkCalls = new AtomicInteger();
    private final AtomicInteger mostBulkCalls = new AtomicInteger();
    /** The user backend only. */
    private final FakeBackend users = FakeBackend.start(this::answer);

    private final FakeBackend others = FakeBackend.start(Call::answerWell);
    private final List<BatchClient> clients = new ArrayList<>();
    private Service service;

    private void start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "backends.user.base-uri", users.baseUri(),
                "backends.user.max-connections", Integer.toString(CONNECTIONS),
                "backends.user.timeout", "PT1M",
                "bulk.backend-share", "70",
                "bulk.workers", "32",
                "deadline.max", "PT1M",
                "deadline.default", "PT1M",
                "bulk.deadline.max", "PT5M",
                "bulk.deadline.default", "PT5M"));
        all.putAll(settings);
        service = Service.start(others.baseUri(), all);
    }

    private void answer(Call call) throws Exception {
        if (call.id().startsWith("bulk")) {
            mostBulkCalls.accumulateAndGet(bulkCalls.incrementAndGet(), Math::max);
            try {
                Await.latch(release);
            } finally {
                // Before the answer: after it, the next call may come.
                bulkCalls.decrementAndGet();
            }
        }
        call.answerWell();
    }

    @AfterEach
    void stop() {
        release.countDown();
        clients.forEach(BatchClient::close);
        service.close();
        users.close();
        others.close();
    }

    private BatchClient post(List<String> ids, String... headers) {
        BatchClient client = new BatchClient(service.port());
        clients.add(client);
        return client.post(ids, headers);
    }

    @Test
    void batchesHaveNoMoreCallsAtABackendAtOnceThanTheirShare() {
        start(Map.of());
        List<BatchClient> posted = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            posted.add(post(BatchClient.ids("bulk" + i, 50), BatchClient.LINES));
        }
        Await.until("all workers are busy", () -> service.waiting("user") == 32 - SHARE);
        users.awaitCalls(SHARE);
        assertThat(service.connections("user", "active")).isEqualTo(SHARE);

        release.countDown();
        for (int i = 0; i < 4; i++) {
            posted.get(i).rest().assertComplete(BatchClient.ids("bulk" + i, 50));
        }
        assertThat(mostBulkCalls).hasValue(SHARE);
    }

    @Test
    void singleRequestsAreAnsweredWhileBatchesWait() {
        start(Map.of());
        List<String> ids = BatchClient.ids("bulk", 200);
        BatchClient batch = post(ids, BatchClient.LINES);
        Await.until("all workers are busy", () -> service.waiting("user") == 32 - SHARE);

        List<CompletableFuture<RawConnection.Response>> answers = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            answers.add(service.getAsync("/profiles/single-" + i));
        }
        for (int i = 0; i < 30; i++) {
            assertProfile(Await.result(answers.get(i)), "single-" + i);
        }

        assertThat(service.waiting("user")).as("waiting calls of the batch").isEqualTo(32 - SHARE);
        release.countDown();
        batch.rest().assertComplete(ids);
    }

    @Test
    void aBatchHasAConnectionEvenWhereItsShareIsLessThanOne() {
        start(Map.of("backends.user.max-connections", "2", "bulk.backend-share", "1"));
        List<String> ids = BatchClient.ids("bulk", 20);
        BatchClient batch = post(ids, BatchClient.LINES);
        users.awaitCalls(1);
        assertProfile(service.get("/profiles/ada"), "ada");

        release.countDown();
        batch.rest().assertComplete(ids);
        assertThat(mostBulkCalls).hasValue(1);
    }

    @Test
    void aBatchOfMoreThanMayWaitIsNotTurnedAwayAtTheBackend() {
        start(Map.of("backends.user.max-waiting", "0"));
        List<String> ids = BatchClient.ids("bulk", 200);
        BatchClient batch = post(ids, BatchClient.LINES);
        Await.until("all workers are busy", () -> service.waiting("user") == 32 - SHARE);

        assertProfile(service.get("/profiles/ada"), "ada");
        release.countDown();
        batch.rest().assertComplete(ids);
    }
}
