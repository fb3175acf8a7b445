package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.Batches.Streamed;
import dev.muster.testing.OpenApi;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The answer to a batch without room, while the accepted batches go on. */
class BatchRoomTest {
    private static final int LARGE = 20_000;
    /** All results together are six times the memory for batches. */
    private static final List<String> LARGE_IDS =
            IntStream.range(0, 20).mapToObj(i -> "large-" + i).toList();

    private final ScriptedBackend backend = new ScriptedBackend(LARGE);
    private Service service;

    private void start(String... settings) {
        service = Service.start(
                backend.baseUri(),
                Map.of(settings[0], settings[1], settings[2], settings[3], settings[4], settings[5]));
    }

    /** Starts the service with little memory for batches. */
    private void startSmall() {
        start("bulk.max-buffered-bytes", "65536", "bulk.workers", "4", "bulk.max-ids", "1000");
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void assertNoRoom(Response response, String detail) {
        assertProblem(response, 503, "overloaded");
        assertThat(response.json().path("detail").stringValue()).isEqualTo(detail);
        assertThat(response.json().has("cause")).isFalse();
        assertThat(response.json().has("index")).isFalse();
        assertThat(response.header("Retry-After")).isEqualTo("1");
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
        assertThat(OpenApi.of(service).violations(Batches.PATH, "POST", response))
                .isEmpty();
    }

    private double rejected(String reason) {
        return Scrape.of(service).sum("muster_bulk_rejected_total", Map.of("reason", reason));
    }

    private void awaitQueued(int items) {
        Await.until(items + " are queued", () -> Scrape.of(service).sum("muster_bulk_queued_items", Map.of()) == items);
    }

    private void assertAllIsLetGo() {
        Await.until(
                "batches hold no memory", () -> Scrape.of(service).sum("muster_bulk_buffered_bytes", Map.of()) == 0);
        assertThat(Batches.ask(service, List.of("ada", "grace")).tally()).containsExactly(2, 0, 0, 0);
    }

    @Test
    void moreThanMayBeQueuedIsRefusedWhileTheOthersGoOn() {
        start("bulk.workers", "1", "bulk.max-ids", "3", "bulk.max-queued", "3");
        backend.hold("held");
        try (Streamed first = Batches.stream(service, List.of("held"))) {
            backend.awaitAsked("held");
            try (Streamed second = Batches.stream(service, List.of("ada", "grace", "ada"));
                    Streamed third = Batches.stream(service, List.of("joan"))) {
                awaitQueued(3);

                Response refused = Batches.post(service, Batches.body("hedy"));
                assertNoRoom(refused, "The queue of batches is full.");
                assertThat(rejected("queue")).isEqualTo(1);
                assertThat(rejected("memory")).isZero();

                backend.letGo("held");
                assertThat(first.rest().tally()).containsExactly(1, 0, 0, 0);
                assertThat(second.rest().tally()).containsExactly(3, 0, 0, 0);
                assertThat(third.rest().tally()).containsExactly(1, 0, 0, 0);
                assertThat(backend.asked()).doesNotContain("hedy");
            }
        }
        assertThat(Batches.ask(service, List.of("hedy")).tally()).containsExactly(1, 0, 0, 0);
    }

    @Test
    void aBatchThatIsRefusedWholeTakesNoPlaceInTheQueue() {
        start("bulk.workers", "1", "bulk.max-ids", "3", "bulk.max-queued", "3");
        backend.hold("held");
        try (Streamed first = Batches.stream(service, List.of("held", "ada"))) {
            backend.awaitAsked("held");
            assertNoRoom(Batches.post(service, Batches.body("a", "b", "c")), "The queue of batches is full.");
            awaitQueued(1);

            try (Streamed second = Batches.stream(service, List.of("d", "e"))) {
                awaitQueued(3);
                backend.letGo("held");
                assertThat(first.rest().tally()).containsExactly(2, 0, 0, 0);
                assertThat(second.rest().tally()).containsExactly(2, 0, 0, 0);
            }
        }
    }

    @Test
    void aStrictDocumentThatDoesNotFitIntoMemoryIsRefused() {
        startSmall();

        Response response = Batches.post(service, Batches.body(LARGE_IDS), Batches.STRICT);

        assertNoRoom(response, "The results do not fit into the memory that is free for batches now.");
        assertThat(rejected("memory")).isEqualTo(1);
        assertThat(backend.asked()).as("ids asked for before the early end").hasSizeLessThan(LARGE_IDS.size());
        assertAllIsLetGo();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Accept: application/x-ndjson\r\nPrefer: handling=strict", "Accept: application/json"})
    void whatNeedNotBeHeldFitsWhateverItsSize(String headers) {
        startSmall();

        Answer answer = Batches.ask(service, LARGE_IDS, headers);

        assertThat(answer.tally()).containsExactly(20, 0, 0, 0);
        assertThat(answer.results())
                .allMatch(result ->
                        result.at("/profile/posts/0/body").stringValue().length() == LARGE);
        assertThat(rejected("memory")).isZero();
        assertAllIsLetGo();
    }

    @Test
    void repeatedIdsWhoseResultsDoNotFitEndADocumentThatHasBegun() {
        startSmall();
        List<String> twice =
                Stream.concat(LARGE_IDS.stream(), LARGE_IDS.stream()).toList();

        Answer answer = Batches.ask(service, twice);

        assertThat(answer.cause()).isEqualTo("overloaded");
        assertThat(answer.count("failed")).isZero();
        assertThat(answer.count("succeeded")).isPositive().isLessThan(40).isEven();
        for (int place : answer.places()) {
            assertThat(answer.at(place % 20).path("profile"))
                    .isEqualTo(answer.at(place % 20 + 20).path("profile"));
        }
        assertAllIsLetGo();
    }

    @Test
    void repeatedIdsInLinesNeedNotBeHeld() {
        startSmall();
        List<String> twice =
                Stream.concat(LARGE_IDS.stream(), LARGE_IDS.stream()).toList();

        assertThat(Batches.ask(service, twice, Batches.LINES).tally()).containsExactly(40, 0, 0, 0);
    }

    @Test
    void aBodyTakesNoMemoryOnceItIsRead() {
        start("bulk.max-buffered-bytes", "65536", "bulk.workers", "1", "bulk.max-ids", "1000");

        Response response =
                Batches.post(service, Batches.body("large-1", "large-2") + " ".repeat(30_000), Batches.STRICT);

        assertThat(Answer.of(List.of("large-1", "large-2"), response).tally()).containsExactly(2, 0, 0, 0);
    }

    @Test
    void aBodyThatThereIsNoMemoryForIsRefused() {
        startSmall();
        String padded = Batches.body("ada") + " ".repeat(100_000);
        try (RawConnection client = new RawConnection(service.port())) {
            client.sendRaw(Batches.request(padded));
            Response response = client.read("POST");

            assertNoRoom(response, "There is no free memory to read a batch now.");
            assertThat(rejected("memory")).isEqualTo(1);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertThat(backend.asked()).isEmpty();
        assertAllIsLetGo();
    }
}
