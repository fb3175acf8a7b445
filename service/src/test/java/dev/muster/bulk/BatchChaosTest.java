package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import dev.muster.testing.Soak;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many batches at once with faults of every kind: whatever happens, all they held is free afterwards. */
class BatchChaosTest {
    private static final int BATCHES = 200;
    private static final long SEED = 20_251_121;

    private final CountDownLatch never = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final Service service = Service.start(
            backend.baseUri(),
            Map.of(
                    "bulk.workers", "24",
                    "bulk.max-queued", "3000",
                    "bulk.max-buffered-bytes", "131072",
                    "backends.user.max-connections", "20",
                    "backends.posts.max-connections", "20",
                    "backends.friends.bulk-rate-limit", "2000",
                    "backends.timeout", "PT0.3S",
                    "bulk.deadline.default", "PT30S"));

    /** The first character of an id is the fault, the third the backend that has it: its place in the list. */
    private void answer(Call call) throws Exception {
        boolean odd = call.id().charAt(2) - '0' == BackendNames.LABELS.indexOf(call.backend());
        switch (odd ? call.id().charAt(0) : 'g') {
            case 'h' -> call.awaitPeerClosed();
            case 'f' -> call.status(500);
            case 'n' -> call.status(404);
            case 'b' -> call.json("{");
            case 'c' -> call.close();
            case 'r' -> call.reset();
            case 's' -> {
                // As slow as a healthy backend may be.
                never.await(BatchClient.number(call.id()) % 40, TimeUnit.MILLISECONDS);
                call.answerWell();
            }
            default -> call.answerWell();
        }
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    @Test
    void nothingIsLeftOfBatchesHoweverTheyEnd() {
        for (int round = 0; round < Soak.times(1, 40); round++) {
            long seed = SEED + round;
            try {
                run(seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private void run(long seed) {
        Random random = new Random(seed);
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            Plan plan = Plan.of(new Random(random.nextLong()), i);
            clients.add(CompletableFuture.runAsync(
                    () -> play(plan), task -> Thread.ofVirtual().start(task)));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new));
        Await.until("all clients are done", all::isDone);
        all.join();

        BulkState.awaitNothing(service);
        BulkState.awaitNoSocketsOrThreads(service, backend);
        Await.until("a batch is complete again", () -> isWhole(BatchClient.ids("g-0", 100)));
        BulkState.awaitNothing(service);
    }

    /** A part may be missing only if the machine stood still for a whole backend timeout. */
    private boolean isWhole(List<String> ids) {
        try (BatchClient client = new BatchClient(service.port())) {
            BatchClient.Result result =
                    client.post(ids, BatchClient.LINES).rest().assertAddsUp(ids);
            assertThat(result.problems())
                    .allMatch(problem ->
                            problem.path("detail").asString().endsWith(" backend did not answer within its timeout."));
            return result.problems().isEmpty();
        }
    }

    /**
     * What a client does.
     *
     * @param lines whether it asks for lines
     * @param leavesAfter the bytes of the answer it reads before it leaves; below 0 if it stays
     * @param resets whether it leaves with a reset
     */
    private record Plan(List<String> ids, List<String> headers, boolean lines, int leavesAfter, boolean resets) {
        private static final String KINDS = "ggggggggggssshfnbcr";

        static Plan of(Random random, int number) {
            List<String> ids = new ArrayList<>();
            boolean calm = random.nextInt(3) == 0;
            for (int i = random.nextInt(5, 51); i > 0; i--) {
                char kind = KINDS.charAt(random.nextInt(calm ? 13 : KINDS.length()));
                int place = random.nextInt(BackendNames.CALLS_OF_A_REQUEST);
                ids.add("%c-%d-%d-%04d".formatted(kind, place, number, random.nextInt(60)));
            }
            boolean lines = random.nextBoolean();
            List<String> headers = new ArrayList<>();
            headers.add("Accept: " + (lines ? "application/x-ndjson" : "application/json"));
            headers.add("Prefer: handling=" + (random.nextInt(3) == 0 ? "strict" : "lenient"));
            if (random.nextInt(3) == 0) {
                headers.add("x-envoy-expected-rq-timeout-ms: " + random.nextInt(400));
            }
            int leavesAfter = random.nextInt(3) > 0 ? -1 : random.nextInt(4) == 0 ? 0 : random.nextInt(20_000);
            return new Plan(ids, headers, lines, leavesAfter, random.nextBoolean());
        }
    }

    private void play(Plan plan) {
        try (BatchClient client = new BatchClient(service.port())) {
            client.post(plan.ids(), plan.headers().toArray(String[]::new));
            if (plan.leavesAfter() >= 0) {
                leave(client, plan);
            } else if (client.head().status() != 200) {
                assertThat(client.head().status()).isIn(404, 502, 503, 504);
                assertThat(client.head().headers()).containsEntry("content-type", "application/problem+json");
            } else if (plan.lines()) {
                client.rest().assertAddsUp(plan.ids());
            } else {
                BatchClient.Result.of(client.document()).assertAddsUp(plan.ids());
            }
        }
    }

    private static void leave(BatchClient client, Plan plan) {
        if (plan.leavesAfter() > 0) {
            client.skip(plan.leavesAfter());
        }
        if (plan.resets()) {
            client.reset();
        }
    }
}
