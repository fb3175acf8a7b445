package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches take turns, id by id, independent of their order and length. */
class BatchFairnessTest {
    private static final int LARGE = 1000;

    private final CountDownLatch submitted = new CountDownLatch(1);
    private final CountDownLatch smallRead = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private Service service;

    private void start(int workers) {
        service = Service.start(
                backend.baseUri(),
                Map.of(
                        "bulk.workers", Integer.toString(workers),
                        "bulk.deadline.max", "PT5M",
                        "bulk.deadline.default", "PT5M"));
    }

    /** Holds large batches at their first third until the small one has been read. */
    private void answer(Call call) throws Exception {
        Await.latch(submitted);
        if (call.id().startsWith("large") && BatchClient.number(call.id()) >= LARGE / 3) {
            Await.latch(smallRead);
        }
        call.answerWell();
    }

    @AfterEach
    void stop() {
        submitted.countDown();
        smallRead.countDown();
        service.close();
        backend.close();
    }

    @Test
    void aSmallBatchIsDoneBeforeAThirdOfTheLargeOneThatCameBefore() {
        start(2);
        List<String> large = BatchClient.ids("large", LARGE);
        List<String> small = BatchClient.ids("small", 10);
        try (BatchClient first = new BatchClient(service.port());
                BatchClient second = new BatchClient(service.port())) {
            first.post(large, BatchClient.LINES);
            BulkState.awaitQueued(service, LARGE - 2);
            second.post(small, BatchClient.LINES);
            BulkState.awaitQueued(service, LARGE - 2 + small.size());
            submitted.countDown();

            second.rest().assertComplete(small);
            smallRead.countDown();
            first.rest().assertComplete(large);
        }
    }

    @Test
    void aSmallBatchIsDoneBeforeAThirdOfEachOfManyLargeOnes() {
        start(4);
        List<String> small = BatchClient.ids("small", 10);
        List<BatchClient> clients = new ArrayList<>();
        try (BatchClient last = new BatchClient(service.port())) {
            for (int i = 1; i <= 5; i++) {
                BatchClient client = new BatchClient(service.port());
                clients.add(client);
                client.post(BatchClient.ids("large" + i, LARGE), BatchClient.LINES);
                BulkState.awaitQueued(service, i * LARGE - 4);
            }
            last.post(small, BatchClient.LINES);
            BulkState.awaitQueued(service, 5 * LARGE - 4 + small.size());
            submitted.countDown();

            last.rest().assertComplete(small);
        } finally {
            clients.forEach(BatchClient::close);
        }
    }

    @Test
    void twoBatchesAreWorkedOnInTurn() {
        start(1);
        // Fewer than the credit of each batch, so that only the rotation decides.
        int each = 40;
        try (BatchClient first = new BatchClient(service.port());
                BatchClient second = new BatchClient(service.port())) {
            first.post(BatchClient.ids("a", each), BatchClient.LINES);
            BulkState.awaitQueued(service, each - 1);
            second.post(BatchClient.ids("b", each), BatchClient.LINES);
            BulkState.awaitQueued(service, 2 * each - 1);
            submitted.countDown();

            first.rest().assertComplete(BatchClient.ids("a", each));
            second.rest().assertComplete(BatchClient.ids("b", each));
        }
        List<String> order = backend.calls().stream()
                .filter(call -> call.isFor("user"))
                .map(Call::id)
                .toList();
        // The second batch arrives while an item of the first runs. The first already has the next turn.
        List<String> expected = new ArrayList<>(List.of("a-0000", "a-0001"));
        for (int i = 0; i < each; i++) {
            expected.add("b-%04d".formatted(i));
            if (i + 2 < each) {
                expected.add("a-%04d".formatted(i + 2));
            }
        }
        assertThat(order).isEqualTo(expected);
    }
}
