package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.BackendClient.PoolUsage;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.config.AppConfig.BackendConfig;
import dev.muster.config.BackendName;
import dev.muster.config.Secret;
import dev.muster.profile.Part;
import dev.muster.profile.Profile.User;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single and bulk calls compete for the connections to one backend. */
class BulkShareTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final CallContext SINGLE =
            new CallContext(1, "request-id", "traceparent", "tracestate", Map.of(), CallClass.SINGLE);
    private static final CallContext BULK = SINGLE.asBulk();

    private final CountDownLatch held = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final DeadlineTicker ticker = new DeadlineTicker();
    private BackendClient<User> client;

    private void answer(Call call) throws Exception {
        if (call.id().startsWith("held")) {
            held.await();
        }
        switch (call.id()) {
            case "fails" -> call.status(500);
            case "breaks" -> call.close();
            default -> call.answerWell();
        }
    }

    private void start(int connections, int bulkShare) throws IOException {
        BackendConfig config = new BackendConfig(
                URI.create(backend.baseUri()),
                LONG,
                connections,
                1,
                LONG,
                10_000,
                true,
                List.of(),
                Optional.empty(),
                new Secret(""),
                LONG,
                0);
        client =
                BackendClient.open(BackendName.USER, config, Part.ALL.getFirst().reader(), bulkShare, ticker);
    }

    @AfterEach
    void stop() {
        held.countDown();
        if (client != null) {
            client.close();
        }
        ticker.close();
        backend.close();
    }

    private String call(String id, CallContext context) throws BackendException, InterruptedException {
        return client.get(id, Deadline.after(LONG), context, new CallTimes(context))
                .id();
    }

    private CompletableFuture<String> callAsync(String id, CallContext context) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                answer.complete(call(id, context));
            } catch (BackendException | InterruptedException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private void awaitUsage(int active, int waiting) {
        Await.until(active + " are active and " + waiting + " wait", () -> {
            PoolUsage usage = client.poolUsage();
            return usage.active() == active && usage.waiting() == waiting;
        });
    }

    @Test
    void aBulkCallsContextDiffersFromASingleOnesInTheClassAlone() {
        assertThat(BULK)
                .isEqualTo(new CallContext(
                        1, "request-id", "traceparent", "tracestate", SINGLE.forwarded(), CallClass.BULK));
        assertThat(BULK.asBulk()).isEqualTo(BULK);
    }

    @Test
    void singleCallsGetThroughWhileBulkHasItsShareAndMoreOfItWaits() throws Exception {
        start(4, 50);
        List<String> ids = List.of("held-1", "held-2", "held-3", "held-4", "held-5");
        List<CompletableFuture<String>> bulk =
                ids.stream().map(id -> callAsync(id, BULK)).toList();
        awaitUsage(2, 3);

        for (String id : List.of("ada", "bob", "eve")) {
            assertThat(Await.result(callAsync(id, SINGLE))).isEqualTo(id);
        }

        awaitUsage(2, 3);
        held.countDown();
        assertThat(bulk.stream().map(Await::result)).containsExactlyElementsOf(ids);
        awaitUsage(0, 0);
    }

    @Test
    void aSingleCallGetsTheConnectionBeforeABulkCallThatWaitedFirst() throws Exception {
        start(1, 100);
        CompletableFuture<String> holding = callAsync("held", BULK);
        backend.awaitCalls(1);
        CompletableFuture<String> bulk = callAsync("bulk", BULK);
        awaitUsage(1, 1);
        CompletableFuture<String> single = callAsync("single", SINGLE);
        awaitUsage(1, 2);

        held.countDown();

        List.of(holding, bulk, single).forEach(Await::result);
        assertThat(backend.calls()).extracting(Call::id).containsExactly("held", "single", "bulk");
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 70, 1", "4, 1, 1", "4, 49, 1", "4, 50, 2", "4, 70, 2", "4, 99, 3", "4, 100, 4"})
    void theShareIsRoundedDownButToOneConnectionAtLeast(int connections, int percent, int most) throws Exception {
        start(connections, percent);

        List<CompletableFuture<String>> bulk = List.of("held-1", "held-2", "held-3", "held-4", "held-5").stream()
                .map(id -> callAsync(id, BULK))
                .toList();

        awaitUsage(most, bulk.size() - most);
        held.countDown();
        bulk.forEach(Await::result);
        assertThat(backend.mostOpen()).isEqualTo(most);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ada", "fails", "breaks"})
    void aBulkCallGivesItsShareBackHoweverItEnds(String id) throws Exception {
        start(2, 50);

        Await.until("it has ended", callAsync(id, BULK)::isDone);

        assertThat(Await.result(callAsync("next", BULK))).isEqualTo("next");
    }

    @Test
    void aBulkCallThatCannotConnectGivesItsShareBack() throws Exception {
        start(2, 50);
        backend.stopListening();

        for (int i = 0; i < 3; i++) {
            CompletableFuture<String> call = callAsync("ada", BULK);
            Await.until("it has failed", call::isCompletedExceptionally);
        }

        awaitUsage(0, 0);
    }
}
