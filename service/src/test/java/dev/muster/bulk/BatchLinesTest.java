package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.Batches.Streamed;
import dev.muster.testing.Service;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A batch with an answer in lines: each result once it is ready, the summary last. */
class BatchLinesTest {
    private final ScriptedBackend backend = new ScriptedBackend();
    private final Service service = Service.start(backend.baseUri());

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private static void assertIs(JsonNode line, int place, String id) {
        assertThat(line.path("index").intValue()).isEqualTo(place);
        assertThat(line.path("id").stringValue()).isEqualTo(id);
        assertThat(line.at("/profile/user/id").stringValue()).isEqualTo(id);
    }

    @Test
    void everyIdHasALineAndTheSummaryIsTheLast() {
        List<String> ids = IntStream.range(0, 200).mapToObj(i -> "id-" + i).toList();

        Answer answer = Batches.ask(service, ids, Batches.LINES);

        assertThat(answer.places())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 200).boxed().toList());
        assertThat(answer.tally()).containsExactly(200, 0, 0, 0);
        assertThat(answer.cause()).isNull();
    }

    @Test
    void aLineIsWhatTheDocumentWouldHaveInItsList() {
        Answer lines = Batches.ask(service, List.of("partial-1", "nobody", "ada"), Batches.LINES);
        Answer document = Batches.ask(service, List.of("partial-1", "nobody", "ada"));

        for (int place : List.of(1, 2)) {
            assertThat(lines.at(place)).isEqualTo(document.at(place));
        }
        assertThat(lines.at(0).propertyNames()).isEqualTo(document.at(0).propertyNames());
        assertThat(lines.tally()).isEqualTo(document.tally());
    }

    @Test
    void aLineArrivesWhileTheNextIsNotThere() {
        backend.hold("ada", "grace", "hedy");
        try (Streamed answer = Batches.stream(service, List.of("ada", "grace", "hedy"), Batches.LINES)) {
            backend.letGo("hedy");
            assertIs(answer.line(), 2, "hedy");
            assertThat(answer.head().header("Content-Type")).isEqualTo("application/x-ndjson");
            assertThat(answer.head().header("Transfer-Encoding")).isEqualTo("chunked");

            backend.letGo("ada");
            assertIs(answer.line(), 0, "ada");

            backend.letGo("grace");
            assertIs(answer.line(), 1, "grace");
            assertThat(answer.line().has("summary")).isTrue();
            assertThat(answer.line()).isNull();
        }
    }

    @Test
    void aRepeatedIdHasALineForEachPlaceOneBehindTheOther() {
        backend.hold("ada");
        try (Streamed answer = Batches.stream(service, List.of("ada", "grace", "ada", "ada"), Batches.LINES)) {
            assertIs(answer.line(), 1, "grace");

            backend.letGo("ada");
            Answer whole = answer.rest();
            assertThat(whole.places()).containsExactly(1, 0, 2, 3);
            assertThat(whole.tally()).containsExactly(4, 0, 0, 0);
            assertThat(backend.asked()).containsExactlyInAnyOrder("ada", "grace");
        }
    }

    @Test
    void anIdThatFailsIsALineAmongTheOthers() {
        Answer answer = Batches.ask(service, List.of("nobody", "ada", "busy-1"), Batches.LINES);

        assertThat(answer.tally()).containsExactly(1, 0, 2, 0);
        assertThat(answer.problem(0)).isEqualTo("user-not-found");
        assertThat(answer.problem(2)).isEqualTo("overloaded");
        assertThat(answer.cause()).isNull();
    }
}
