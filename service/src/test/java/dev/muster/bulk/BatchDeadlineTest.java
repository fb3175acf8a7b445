package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.BackendNames;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.Batches.Streamed;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The deadline of a whole batch: its sources, and the results that remain when it passes. */
class BatchDeadlineTest {
    private static final String LONG = "Prefer: wait=3";
    private static final String SHORT = "x-envoy-expected-rq-timeout-ms: 300";

    private final ScriptedBackend backend = new ScriptedBackend();
    private Service service;

    /** Starts the service and has it answer once: the first batch is slow, and must not be the one with little time. */
    private void start(String... settings) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        service = Service.start(backend.baseUri(), all);
        Batches.ask(service, List.of("warm"));
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private static void assertTooLate(Answer answer, int place) {
        assertThat(answer.at(place).path("status").intValue()).isEqualTo(504);
        assertThat(answer.problem(place)).isEqualTo("deadline-exceeded");
        assertThat(answer.at(place).at("/problem/cause").stringValue()).isEqualTo("deadline");
        assertThat(answer.at(place).path("problem").has("backend")).isFalse();
        assertThat(answer.at(place).at("/problem/retryable").booleanValue()).isTrue();
    }

    private static void assertBatchTooLate(Response response) {
        assertProblem(response, 504, "deadline-exceeded");
        assertThat(response.json().path("cause").stringValue()).isEqualTo("deadline");
        assertThat(response.json().path("detail").stringValue())
                .isEqualTo("The batch's deadline passed before it was done.");
        assertThat(response.json().has("index")).isFalse();
        assertThat(response.json().has("id")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void lenientKeepsWhatIsDoneAndSaysWhatWasNotBegun(String form) {
        backend.hold("late-1", "late-2");
        start("bulk.workers", "2");

        Answer answer = Batches.ask(
                service,
                List.of("ada", "late-1", "nobody", "late-2", "grace", "hedy", "ada"),
                "Accept: " + form,
                "Prefer: handling=lenient, wait=3");

        assertThat(answer.tally()).containsExactly(2, 0, 3, 2);
        assertThat(answer.places()).containsExactlyInAnyOrder(0, 1, 2, 3, 6);
        assertThat(answer.problem(2)).isEqualTo("user-not-found");
        assertTooLate(answer, 1);
        assertTooLate(answer, 3);
        assertThat(answer.cause()).isEqualTo("deadline");
        assertThat(answer.summary().path("elapsedMs").doubleValue()).isGreaterThan(2_900);
        assertThat(answer.response().header("Preference-Applied")).isEqualTo("handling=lenient, wait=3");
        assertThat(backend.asked()).doesNotContain("grace", "hedy");
    }

    @Test
    void whatHasArrivedOfAProfileIsAPartialOne() {
        backend.holdPosts("ada");
        start();

        Answer answer = Batches.ask(service, List.of("ada"), LONG);

        assertThat(answer.tally()).containsExactly(0, 1, 0, 0);
        assertThat(answer.at(0).at("/profile/errors/0/backend").stringValue()).isEqualTo("posts");
        assertThat(answer.at(0).at("/profile/errors/0/type").stringValue()).isEqualTo("/problems/deadline-exceeded");
        assertThat(answer.cause()).isEqualTo("deadline");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void strictWithNothingSentIsAProblem(String form) {
        backend.hold("late");
        start();

        Response response = Batches.post(service, Batches.body("late"), Batches.STRICT, SHORT, "Accept: " + form);

        assertBatchTooLate(response);
        assertThat(response.header("Preference-Applied")).isEqualTo("handling=strict");
    }

    @Test
    void strictInADocumentIsAProblemThoughAResultWasThere() {
        backend.hold("late");
        start();

        assertBatchTooLate(Batches.post(service, Batches.body("ada", "late"), "Prefer: handling=strict, wait=2"));
    }

    @Test
    void strictInLinesThatHaveBegunEndsWithTheSummary() {
        backend.hold("late");
        start();
        try (Streamed answer =
                Batches.stream(service, List.of("ada", "late"), Batches.LINES, "Prefer: handling=strict, wait=3")) {
            assertThat(answer.line().path("id").stringValue()).isEqualTo("ada");

            Answer whole = answer.rest();
            assertThat(whole.tally()).containsExactly(1, 0, 0, 1);
            assertThat(whole.cause()).isEqualTo("deadline");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait=0", "wait=-1"})
    void noTimeAtAllLeavesNoResult(String wait) {
        start();

        Answer answer = Batches.ask(service, List.of("ada", "grace"), "Prefer: " + wait);

        assertThat(answer.count("succeeded") + answer.count("partial")).isZero();
        assertThat(answer.cause()).isEqualTo("deadline");
        assertThat(answer.response().header("Preference-Applied")).isEqualTo(wait.equals("wait=0") ? wait : null);
        assertThat(backend.asked()).containsExactly("warm");
        assertBatchTooLate(Batches.post(service, Batches.body("ada"), "Prefer: handling=strict, " + wait));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"wait=20 | ", "handling=lenient, wait=20 | handling=lenient"})
    void theLeastOfTheTimesThatAreStatedCounts(String prefer, String applied) {
        backend.hold("late");
        start();

        Answer answer = Batches.ask(service, List.of("late"), "Prefer: " + prefer, SHORT);

        assertThat(answer.cause()).isEqualTo("deadline");
        assertThat(answer.summary().path("elapsedMs").doubleValue()).isBetween(250.0, 10_000.0);
        assertThat(answer.response().header("Preference-Applied")).isEqualTo(applied);
    }

    @Test
    void noMoreThanTheMaximumIsGiven() {
        backend.hold("late");
        start("bulk.deadline.default", "PT0.5S", "bulk.deadline.max", "PT0.5S", "deadline.max", "PT5M");

        Answer answer = Batches.ask(service, List.of("late"), "Prefer: handling=lenient, wait=100");

        assertThat(answer.cause()).isEqualTo("deadline");
        assertThat(answer.response().header("Preference-Applied")).isEqualTo("handling=lenient");
    }

    @Test
    void aBatchThatStatesNoTimeHasTheDefaultOfBatches() {
        backend.hold("late");
        start("bulk.deadline.default", "PT0.5S");

        Answer answer = Batches.ask(service, List.of("late"));

        assertThat(answer.cause()).isEqualTo("deadline");
        assertThat(answer.response().headers()).doesNotContainKey("preference-applied");
    }

    @Test
    void aTimeThatCannotBeReadIsIgnoredAndCounted() {
        start();

        Answer answer = Batches.ask(service, List.of("ada"), "Prefer: wait=soon");

        assertThat(answer.tally()).containsExactly(1, 0, 0, 0);
        assertThat(answer.response().headers()).doesNotContainKey("preference-applied");
        assertThat(Scrape.of(service).sum("muster_ignored_deadlines_total", Map.of("header", "prefer")))
                .isEqualTo(1);
    }

    private List<Integer> told() {
        return backend.calls().calls().stream()
                .filter(call -> call.id().equals("ada"))
                .map(BatchDeadlineTest::told)
                .toList();
    }

    private static int told(Call call) {
        return Integer.parseInt(call.headers("x-envoy-expected-rq-timeout-ms").getFirst());
    }

    @Test
    void backendsAreToldWhatIsLeftOfTheBatchesTimeNotOfASingleRequests() {
        start("deadline.default", "PT0.1S", "deadline.max", "PT0.1S");

        Batches.ask(service, List.of("ada"), "Prefer: wait=9");

        assertThat(told())
                .hasSize(BackendNames.CALLS_OF_A_REQUEST)
                .allMatch(millis -> millis > 1_000 && millis <= 9_000);
    }

    @Test
    void theReserveIsKeptBackFromTheBackends() {
        start("deadline.default", "PT9S", "deadline.reserve", "PT6S");

        Batches.ask(service, List.of("ada"), "Prefer: wait=9");

        assertThat(told()).hasSize(BackendNames.CALLS_OF_A_REQUEST).allMatch(millis -> millis <= 3_000);
    }

    @Test
    void theReserveIsKeptBackFromTheWholeBatch() {
        backend.hold("late");
        start("deadline.default", "PT9S", "deadline.reserve", "PT8S", "bulk.workers", "1");

        Answer answer = Batches.ask(service, List.of("late", "ada", "grace"), "Prefer: wait=9");

        assertThat(answer.tally()).containsExactly(0, 0, 1, 2);
        assertThat(answer.cause()).isEqualTo("deadline");
        assertThat(answer.summary().path("elapsedMs").doubleValue()).isLessThan(9_000);
    }
}
