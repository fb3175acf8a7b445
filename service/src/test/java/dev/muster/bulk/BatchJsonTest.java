package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.Batches.Streamed;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A batch with an answer in one JSON document: every id in its place, even if others fail. */
class BatchJsonTest {
    private final ScriptedBackend backend = new ScriptedBackend();
    private final Service service = Service.start(backend.baseUri());

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    @Test
    void everyIdIsAnsweredInTheOrderOfTheRequest() {
        List<String> ids = IntStream.range(0, 200).mapToObj(i -> "id-" + i).toList();

        Answer answer = Batches.ask(service, ids);

        assertThat(answer.places())
                .containsExactlyElementsOf(IntStream.range(0, 200).boxed().toList());
        assertThat(answer.tally()).containsExactly(200, 0, 0, 0);
        assertThat(answer.cause()).isNull();
    }

    @Test
    void aProfileIsByteForByteWhatASingleRequestGets() {
        Answer answer = Batches.ask(service, List.of("ada"));

        String profile = service.get("/profiles/ada").body();
        assertThat(answer.response().body())
                .startsWith("{\"results\":[{\"index\":0,\"id\":\"ada\",\"status\":200,\"complete\":true,\"profile\":"
                        + profile + "}],\"summary\":{\"requested\":1,\"distinct\":1,\"succeeded\":1,\"partial\":0,"
                        + "\"failed\":0,\"notAttempted\":0,\"elapsedMs\":")
                .endsWith("}}");
    }

    @Test
    void anAnswerThatIsHeldToItsEndGoesOutInOnePieceWithItsLength() {
        Answer answer = Batches.ask(service, List.of("ada"), Batches.STRICT);

        assertThat(answer.response().header("Content-Length"))
                .isEqualTo(Integer.toString(answer.response().body().length()));
        assertThat(answer.response().headers()).doesNotContainKey("transfer-encoding");
    }

    @Test
    void anIdThatFailsLeavesTheOthersAlone() {
        Answer answer = Batches.ask(service, List.of("ada", "nobody", "grace", "broken-1", "partial-1"));

        assertThat(answer.places()).containsExactly(0, 1, 2, 3, 4);
        assertThat(answer.tally()).containsExactly(2, 1, 2, 0);
        assertThat(answer.cause()).isNull();
        assertThat(answer.at(1).toString())
                .isEqualTo("{\"index\":1,\"id\":\"nobody\",\"status\":404,\"complete\":false,\"problem\":"
                        + "{\"type\":\"/problems/user-not-found\",\"title\":\"There is no such user\",\"status\":404,"
                        + "\"detail\":\"The user backend does not know this id.\",\"retryable\":false,"
                        + "\"backend\":\"user\"}}");
        assertThat(answer.problem(3)).isEqualTo("backend-failed");
        assertThat(answer.at(3).path("status").intValue()).isEqualTo(502);
        assertThat(answer.at(3).at("/problem/retryable").booleanValue()).isTrue();
    }

    @Test
    void aPartialProfileSaysWhatIsMissing() {
        Answer answer = Batches.ask(service, List.of("partial-1"));

        JsonNode result = answer.at(0);
        assertThat(result.path("status").intValue()).isEqualTo(200);
        assertThat(result.path("complete").booleanValue()).isFalse();
        assertThat(result.path("profile").propertyNames())
                .containsExactlyElementsOf(BackendNames.membersWithout("posts"));
        assertThat(result.at("/profile/errors/0/type").stringValue()).isEqualTo("/problems/backend-failed");
    }

    @Test
    void aRepeatedIdIsFetchedOnceAndAnsweredInEachOfItsPlaces() {
        Answer answer = Batches.ask(service, List.of("ada", "grace", "ada", "nobody", "ada", "nobody"));

        assertThat(answer.places()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(answer.at(4).path("profile")).isEqualTo(answer.at(0).path("profile"));
        assertThat(answer.problem(5)).isEqualTo("user-not-found");
        assertThat(answer.tally()).containsExactly(4, 0, 2, 0);
        assertThat(backend.asked()).containsExactlyInAnyOrder("ada", "grace", "nobody");
    }

    @Test
    void moreIdsThanAreWorkedOnAtOnceMayAllBeRepeated() {
        List<String> ids =
                IntStream.range(0, 400).mapToObj(i -> "id-" + i % 200).toList();

        Answer answer = Batches.ask(service, ids);

        assertThat(answer.tally()).containsExactly(400, 0, 0, 0);
        assertThat(backend.asked()).hasSize(200);
    }

    @Test
    void aResultIsSentWhileALaterOneIsNotThere() {
        backend.hold("grace");
        try (Streamed answer = Batches.stream(service, List.of("ada", "grace"))) {
            answer.await("]}}");
            assertThat(answer.soFar()).startsWith("{\"results\":[{\"index\":0,");

            backend.letGo("grace");
            assertThat(answer.rest().tally()).containsExactly(2, 0, 0, 0);
            assertThat(answer.head().header("Transfer-Encoding")).isEqualTo("chunked");
        }
    }

    @Test
    void aResultIsNotSentBeforeAnEarlierOne() {
        backend.hold("ada", "hedy");
        try (Streamed answer = Batches.stream(service, List.of("ada", "grace", "hedy"))) {
            Await.until(
                    "grace is done",
                    () -> Scrape.of(service).sum("muster_bulk_items_total", Map.of("result", "complete")) == 1);
            backend.letGo("ada");
            // After grace comes only hedy, who is held. So the answer goes out up to grace, and no further.
            answer.await("\"index\":1,");
            answer.await("]}}");
            assertThat(answer.soFar().indexOf("\"index\":0,"))
                    .isPositive()
                    .isLessThan(answer.soFar().indexOf("\"index\":1,"));

            backend.letGo("hedy");
            // All succeeded, so the deadline did not end the wait.
            assertThat(answer.rest().tally()).containsExactly(3, 0, 0, 0);
        }
    }

    @Test
    void strictIsWhatABatchGetsWhereThatIsConfigured() {
        try (Service strict = Service.start(backend.baseUri(), Map.of("bulk.handling", "strict"))) {
            assertThat(Batches.post(strict, Batches.body("ada", "nobody")).status())
                    .isEqualTo(404);
            assertThat(Batches.ask(strict, List.of("ada", "nobody"), "Prefer: handling=lenient")
                            .tally())
                    .containsExactly(1, 0, 1, 0);
        }
    }

    @Test
    void theDefaultOfSingleProfilesDoesNotHoldForBatches() {
        try (Service strict = Service.start(backend.baseUri(), Map.of("handling", "strict"))) {
            assertThat(Batches.ask(strict, List.of("partial-1")).tally()).containsExactly(0, 1, 0, 0);
        }
    }

    @Test
    void theConnectionServesFurtherRequests() {
        try (Streamed answer = Batches.stream(service, List.of("ada", "grace"))) {
            assertThat(answer.rest().tally()).containsExactly(2, 0, 0, 0);

            answer.connection().sendRaw(Batches.request(Batches.body("hedy")));
            assertThat(Answer.of(List.of("hedy"), answer.connection().read("POST"))
                            .tally())
                    .containsExactly(1, 0, 0, 0);
        }
    }
}
