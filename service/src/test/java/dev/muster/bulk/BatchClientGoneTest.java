package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that leaves ends its batch: running items are cancelled, and waiting items never reach a backend. */
class BatchClientGoneTest {
    private static final int WORKERS = 8;
    private static final List<String> QUICK = BatchClient.ids("quick", 5);
    private static final List<String> HANGING = BatchClient.ids("hangs", 100);
    private static final List<String> BOTH =
            Stream.concat(QUICK.stream(), HANGING.stream()).toList();

    private final CountDownLatch closedByService = new CountDownLatch(WORKERS * BackendNames.CALLS_OF_A_REQUEST);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final CapturedLog log = new CapturedLog();
    private final Service service = Service.start(
            backend.baseUri(),
            Map.of(
                    "bulk.workers", Integer.toString(WORKERS),
                    "bulk.deadline.max", "PT5M",
                    "bulk.deadline.default", "PT5M"));

    private void answer(Call call) throws Exception {
        if (call.id().startsWith("hangs")) {
            call.awaitPeerClosed();
            closedByService.countDown();
        } else {
            call.answerWell();
        }
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
        log.close();
    }

    /** How a client leaves. */
    enum Exit {
        CLOSE,
        RESET,
        HALF_CLOSE;

        void of(BatchClient client) {
            switch (this) {
                case CLOSE -> client.close();
                case RESET -> client.reset();
                case HALF_CLOSE -> client.halfClose();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBatchEndsWhenItsClientGoesInTheMiddleOfTheAnswer(Exit exit) {
        try (BatchClient client = new BatchClient(service.port())) {
            client.post(BOTH, BatchClient.LINES, "X-Request-Id: r1");
            for (int i = 0; i < QUICK.size(); i++) {
                assertThat(client.line()).contains("quick");
            }
            backend.awaitRequests(QUICK.size() + WORKERS);
            exit.of(client);

            assertEnded(BOTH.size(), QUICK.size());
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void aBatchEndsWhenItsClientGoesBeforeTheFirstByte(Exit exit) {
        try (BatchClient client = new BatchClient(service.port())) {
            client.post(HANGING, BatchClient.LINES, "X-Request-Id: r1");
            backend.awaitRequests(WORKERS);
            exit.of(client);

            assertEnded(HANGING.size(), 0);
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void aDocumentEndsWhenItsClientGoesInTheMiddleOfIt(Exit exit) {
        try (BatchClient client = new BatchClient(service.port())) {
            client.post(BOTH, "X-Request-Id: r1");
            backend.awaitRequests(QUICK.size() + WORKERS);
            client.awaitAnswer();
            exit.of(client);

            log.line("r1").fields();
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void aStrictDocumentOfWhichNothingWasSentEndsTheSameWay(Exit exit) {
        try (BatchClient client = new BatchClient(service.port())) {
            client.post(BOTH, "X-Request-Id: r1", "Prefer: handling=strict");
            backend.awaitRequests(QUICK.size() + WORKERS);
            exit.of(client);

            assertThat(log.line("r1").fields()).containsEntry("status", 499).containsEntry("endedBy", "client-gone");
        }
        assertNothingIsLeft();
    }

    @Test
    void aBatchThatWaitsBehindAnotherAndLosesItsClientIsNeverBegun() {
        List<String> waiting = BatchClient.ids("waits", 50);
        try (BatchClient first = new BatchClient(service.port())) {
            first.post(HANGING.subList(0, WORKERS), BatchClient.LINES);
            backend.awaitRequests(WORKERS);
            try (BatchClient second = new BatchClient(service.port())) {
                second.post(waiting, BatchClient.LINES, "X-Request-Id: r2");
                BulkState.awaitQueued(service, waiting.size());
            }

            assertThat(log.line("r2").fields())
                    .containsEntry("status", 499)
                    .containsEntry("notAttempted", waiting.size());
            BulkState.awaitQueued(service, 0);
            assertThat(BulkState.of(service).active())
                    .as("workers on the other batch")
                    .isEqualTo(WORKERS);
        }
        assertNothingIsLeft();
        assertThat(BulkState.asked(backend, "waits")).isEmpty();
    }

    @Test
    void oneClientThatGoesEndsNobodyElsesBatch() {
        List<String> half = HANGING.subList(0, WORKERS - 1);
        List<String> others = BatchClient.ids("quick", 200);
        try (BatchClient staying = new BatchClient(service.port())) {
            try (BatchClient going = new BatchClient(service.port())) {
                going.post(half, BatchClient.LINES, "X-Request-Id: r1");
                backend.awaitRequests(half.size());
                staying.post(others, BatchClient.LINES);
                assertThat(staying.line()).contains("quick");
            }
            assertThat(log.line("r1").fields()).containsEntry("status", 499);
            assertThat(staying.rest().summary().path("succeeded").asInt()).isEqualTo(others.size());
        }
        BulkState.awaitNothing(service);
    }

    private void assertEnded(int requested, int succeeded) {
        assertThat(log.line("r1").fields())
                .containsEntry("status", 499)
                .containsEntry("outcome", "client-gone")
                .containsEntry("endedBy", "client-gone")
                .containsEntry("requested", requested)
                .containsEntry("succeeded", succeeded)
                .containsEntry("failed", 0)
                .containsEntry("notAttempted", requested - succeeded);
        Scrape after = Scrape.of(service);
        assertThat(after.sum("muster_bulk_batches_total", Map.of("result", "client-gone")))
                .isEqualTo(1);
        assertThat(after.sum("muster_bulk_batches_total", Map.of())).isEqualTo(1);
        assertThat(after.sum("muster_bulk_items_total", Map.of("result", "not-attempted")))
                .isEqualTo(requested - succeeded - WORKERS);
        assertThat(after.sum("muster_bulk_items_total", Map.of("result", "complete")))
                .isEqualTo(succeeded);
        assertThat(after.sum("muster_bulk_items_total", Map.of())).isEqualTo(requested);
    }

    private void assertNothingIsLeft() {
        Await.latch(closedByService);
        BulkState.awaitNothing(service);
        BulkState.awaitNoSocketsOrThreads(service, backend);
        assertThat(BulkState.asked(backend, "hangs"))
                .as("started ids")
                .containsExactlyInAnyOrderElementsOf(HANGING.subList(0, WORKERS));
    }
}
