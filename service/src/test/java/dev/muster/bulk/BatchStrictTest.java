package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.Batches.Streamed;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A strict batch is all or nothing: the first failed id ends it, and the answer names the id. */
class BatchStrictTest {
    private final ScriptedBackend backend = new ScriptedBackend(100_000);
    private Service service = Service.start(backend.baseUri());

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void restart(Map<String, String> settings) {
        service.close();
        service = Service.start(backend.baseUri(), settings);
    }

    private static void assertAt(Response response, int index, String id) {
        assertThat(response.json().path("index").intValue()).isEqualTo(index);
        assertThat(response.json().path("id").stringValue()).isEqualTo(id);
        assertThat(response.json().path("instance").stringValue()).isEqualTo(Batches.PATH);
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.header("Preference-Applied")).isEqualTo("handling=strict");
    }

    @Test
    void whereAllIsWellEveryProfileIsThere() {
        for (String form : List.of("Accept: application/json", Batches.LINES)) {
            Answer answer = Batches.ask(service, List.of("ada", "grace", "ada"), Batches.STRICT, form);

            assertThat(answer.tally()).containsExactly(3, 0, 0, 0);
            assertThat(answer.cause()).isNull();
            assertThat(answer.response().header("Preference-Applied")).isEqualTo("handling=strict");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nobody-1, 404, user-not-found, user",
        "broken-1, 502, backend-failed, user",
        "busy-1, 503, overloaded, user",
        "partial-1, 502, backend-failed, posts"
    })
    void theAnswerIsTheProblemOfTheIdThatFailed(String id, int status, String type, String failed) {
        Response response = Batches.post(service, Batches.body("ada", "grace", id), Batches.STRICT);

        assertProblem(response, status, type, failed);
        assertAt(response, 2, id);
        assertThat(response.header("Retry-After")).isEqualTo(status == 503 ? "1" : null);
    }

    @Test
    void ofARepeatedIdTheFirstPlaceIsNamed() {
        Response response = Batches.post(service, Batches.body("ada", "nobody", "nobody"), Batches.STRICT);

        assertAt(response, 1, "nobody");
    }

    @Test
    void theOthersAreGivenUp() {
        backend.hold("ada");

        Response response = Batches.post(service, Batches.body("ada", "nobody"), Batches.STRICT);

        assertAt(response, 1, "nobody");
        Await.until("no call is in flight", () -> service.connections("user", "active") == 0);
    }

    @Test
    void whatHasNotBegunNeverBegins() {
        restart(Map.of("bulk.workers", "1"));

        Response response = Batches.post(service, Batches.body("ada", "nobody", "grace", "hedy"), Batches.STRICT);

        assertAt(response, 1, "nobody");
        assertThat(backend.asked()).containsExactly("ada", "nobody");
    }

    @Test
    void nothingIsSentBeforeTheLastResultIsThere() {
        backend.hold("nobody");
        try (Streamed answer = Batches.stream(service, List.of("large-1", "ada", "nobody"), Batches.STRICT)) {
            Await.until(
                    "two are there",
                    () -> Scrape.of(service).sum("muster_bulk_items_total", Map.of("result", "complete")) == 2);
            backend.letGo("nobody");

            assertThat(answer.head().status()).isEqualTo(404);
            assertAt(answer.response(), 2, "nobody");
        }
    }

    @Test
    void moreIdsThanAreWorkedOnAtOnceAreAllHeld() {
        List<String> ids = IntStream.range(0, 200).mapToObj(i -> "id-" + i).toList();

        assertThat(Batches.ask(service, ids, Batches.STRICT).tally()).containsExactly(200, 0, 0, 0);
    }

    @Test
    void theConnectionServesFurtherRequestsAfterAFailure() {
        try (Streamed answer = Batches.stream(service, List.of("nobody"), Batches.STRICT)) {
            assertAt(answer.response(), 0, "nobody");

            answer.connection().sendRaw(Batches.request(Batches.body("ada"), Batches.STRICT));
            assertThat(Answer.of(List.of("ada"), answer.connection().read("POST"))
                            .tally())
                    .containsExactly(1, 0, 0, 0);
        }
    }

    @Test
    void inLinesThoseBeforeItAreThereThenItsLineThenTheSummary() {
        restart(Map.of("bulk.workers", "1"));

        Answer answer =
                Batches.ask(service, List.of("ada", "grace", "nobody", "hedy", "joan"), Batches.LINES, Batches.STRICT);

        assertThat(answer.places()).containsExactly(0, 1, 2);
        assertThat(answer.problem(2)).isEqualTo("user-not-found");
        assertThat(answer.tally()).containsExactly(2, 0, 1, 2);
        assertThat(answer.cause()).isEqualTo("sibling-failed");
        assertThat(backend.asked()).containsExactly("ada", "grace", "nobody");
    }

    @Test
    void inLinesThoseThatWereGivenUpHaveNone() {
        backend.hold("ada");

        Answer answer = Batches.ask(service, List.of("ada", "nobody", "nobody"), Batches.LINES, Batches.STRICT);

        assertThat(answer.places()).containsExactly(1, 2);
        assertThat(answer.tally()).containsExactly(0, 0, 2, 1);
        assertThat(answer.cause()).isEqualTo("sibling-failed");
    }

    @Test
    void aPartialProfileIsAFailure() {
        Answer answer = Batches.ask(service, List.of("partial-1"), Batches.LINES, Batches.STRICT);

        assertThat(answer.problem(0)).isEqualTo("backend-failed");
        assertThat(answer.tally()).containsExactly(0, 0, 1, 0);
    }
}
