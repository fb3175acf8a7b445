package dev.muster.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The time a request gets from its client's headers, and the part of it that the backends are told. */
class DeadlineInTest {
    private static final String ENVOY = "x-envoy-expected-rq-timeout-ms";
    private static final String IGNORED = "muster_ignored_deadlines_total";

    /** A default of 5 s and a maximum of 8 s, with a reserve of 1 s. */
    private static final Map<String, String> FIVE_TO_EIGHT =
            Map.of("deadline.default", "PT5S", "deadline.max", "PT8S", "deadline.reserve", "PT1S");

    private final CountDownLatch held = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private Service service;

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void answer(Call call) throws Exception {
        switch (call.id()) {
            case "nobody" -> call.status(404);
            case "hangs" -> call.awaitPeerClosed();
            case "held" -> {
                if (call.isFor("posts")) {
                    held.await();
                }
                call.answerWell();
            }
            default -> call.answerWell();
        }
    }

    /** Sends the header lines in {@code headers}, which bars separate. */
    private Response ask(String id, String headers) {
        return service.get("/profiles/" + id, lines(headers));
    }

    private static String[] lines(String headers) {
        return headers.isEmpty()
                ? new String[0]
                : headers.replace("envoy:", ENVOY + ":").split(" \\| ", -1);
    }

    /** The metrics, once they have counted the only request. */
    private Scrape metrics() {
        Await.until(
                "the request is counted",
                () -> Scrape.of(service).sum("muster_deadline_remaining_seconds_count", Map.of()) == 1);
        return Scrape.of(service);
    }

    private void assertGiven(double seconds) {
        assertThat(metrics().sum("muster_deadline_remaining_seconds_sum", Map.of()))
                .isEqualTo(seconds, within(1e-6));
    }

    private static void assertOutOfTime(Response response) {
        assertThat(response.status()).as(response.body()).isEqualTo(504);
        assertThat(response.json().path("type").asString()).isEqualTo("/problems/deadline-exceeded");
        assertThat(response.json().path("cause").asString()).isEqualTo("deadline");
        assertThat(response.json().has("backend")).isFalse();
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
    }

    private static long told(Call call) {
        assertThat(call.headers(ENVOY)).hasSize(1);
        return Long.parseLong(call.headers(ENVOY).getFirst());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "`` > 5",
                "Prefer: handling=strict > 5",
                "Prefer: wait=7 > 7",
                "Prefer: wait=3 > 3",
                "Prefer: wait=\"3\" > 3",
                "Prefer: wait=007 > 7",
                "Prefer: wait=60 > 8",
                "envoy: 6500 > 6.5",
                "envoy: 4999 > 4.999",
                "envoy: 60000 > 8",
                "Prefer: wait=7 | envoy: 6500 > 6.5",
                "Prefer: wait=6 | envoy: 6500 > 6",
                "Prefer: wait=60 | envoy: 6500 > 6.5",
                "Prefer: wait=60 | envoy: 90000 > 8",
                "envoy: 7000 | envoy: 6000 > 6",
                "envoy: 6000 | envoy: 7000 > 6",
                "Prefer: wait=7, wait=6 > 7",
                "Prefer: wait=7 | Prefer: wait=6 > 7",
                "Prefer: handling=lenient | Prefer: wait=6 > 6"
            })
    void theLeastThatTheClientStatesCountsUpToTheMaximumAndElseTheDefault(String headers, double seconds) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        ask("ada", headers);

        assertGiven(seconds);
        assertThat(metrics().samples(IGNORED, Map.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Prefer: wait=999999999999999999",
                "Prefer: wait=9223372036854775807",
                "Prefer: wait=9223372036854775808",
                "Prefer: wait=99999999999999999999999999999999999999999999",
                "envoy: 999999999999999999",
                "envoy: 9223372036854775807",
                "envoy: 9223372036854775808",
                "envoy: 99999999999999999999999999999999999999999999"
            })
    void aTimeTooLongForANumberIsAboveTheMaximum(String headers) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        Response response = ask("ada", headers);

        assertGiven(8);
        assertThat(metrics().samples(IGNORED, Map.of())).isEmpty();
        assertThat(response.headers()).doesNotContainKey("preference-applied");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Prefer: wait=0000000000000000000000000006", "envoy: 0000000000000000000000000006000"})
    void zerosBeforeATimeMakeItNoLonger(String headers) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        ask("ada", headers);

        assertGiven(6);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "Prefer: wait > prefer",
                "Prefer: wait= > prefer",
                "Prefer: wait=\"\" > prefer",
                "Prefer: wait=1.5 > prefer",
                "Prefer: wait=+1 > prefer",
                "Prefer: wait=1s > prefer",
                "Prefer: wait=0x1 > prefer",
                "Prefer: wait=1e1 > prefer",
                "Prefer: wait=1 2 > prefer",
                "Prefer: wait=soon > prefer",
                "Prefer: wait=- > prefer",
                "Prefer: wait=--1 > prefer",
                "Prefer: wait=\u00b2 > prefer",
                "Prefer: wait=soon, wait=1 > prefer",
                "Prefer: wait=00000000000000000000000000000000000000000000000000000000000000001 > prefer",
                "Prefer: wait=\"00000000000000000000000000000000000000000000000000000000000000001\" > prefer",
                "envoy: 99999999999999999999999999999999999999999999999999999999999999999 >"
                        + " x-envoy-expected-rq-timeout-ms",
                "envoy: > x-envoy-expected-rq-timeout-ms",
                "envoy: 0.5 > x-envoy-expected-rq-timeout-ms",
                "envoy: 1, 2 > x-envoy-expected-rq-timeout-ms",
                "envoy: \"1\" > x-envoy-expected-rq-timeout-ms",
                "envoy: PT1S > x-envoy-expected-rq-timeout-ms"
            })
    void aTimeThatCannotBeReadIsIgnoredAndCounted(String headers, String counted) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        Response response = ask("ada", headers);

        assertGiven(5);
        assertThat(response.headers()).doesNotContainKey("preference-applied");
        assertIgnored(counted, 1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "Prefer: wait=soon | envoy: 6500 > 6.5 > prefer > 1",
                "Prefer: wait=6 | envoy: soon > 6 > x-envoy-expected-rq-timeout-ms > 1",
                "envoy: soon | envoy: 6500 > 6.5 > x-envoy-expected-rq-timeout-ms > 1",
                "envoy: soon | envoy: later > 5 > x-envoy-expected-rq-timeout-ms > 2"
            })
    void whatElseIsStatedCountsWhereOneTimeCannotBeRead(String headers, double seconds, String counted, int times) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        ask("ada", headers);

        assertGiven(seconds);
        assertIgnored(counted, times);
    }

    private void assertIgnored(String header, int times) {
        Await.until("the ignored header is counted", () -> Scrape.of(service).sum(IGNORED, Map.of()) == times);
        assertThat(Scrape.of(service).sum(IGNORED, Map.of("header", header))).isEqualTo(times);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Prefer: wait=0",
                "Prefer: wait=-0",
                "Prefer: wait=-1",
                "Prefer: wait=-99999999999999999999999999",
                "Prefer: wait=0, wait=7",
                "Prefer: wait=0, handling=lenient",
                "envoy: 0",
                "envoy: -1",
                "envoy: -99999999999999999999999999",
                "Prefer: wait=7 | envoy: 0",
                "Prefer: wait=0 | envoy: 7000",
                "envoy: 7000 | envoy: 0"
            })
    void noTimeAtAllIsGatewayTimeoutAndNoBackendIsCalled(String headers) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        Response response = ask("ada", headers);

        assertOutOfTime(response);
        assertThat(backend.accepted()).isZero();
        assertThat(metrics().sum("muster_profile_requests_total", Map.of("result", "deadline-exceeded")))
                .isEqualTo(1);
        assertThat(metrics().samples("http_client_request_duration_seconds_count", Map.of()))
                .isEmpty();
        assertGiven(0);
        assertThat(metrics().samples(IGNORED, Map.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Prefer: wait=1", "envoy: 1", "envoy: 999", "envoy: 1000", "Prefer: wait=7 | envoy: 1000"})
    void noBackendIsCalledWhereTheTimeIsNoLongerThanWhatIsKeptBackOfIt(String headers) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        Response response = ask("ada", headers);

        assertOutOfTime(response);
        assertThat(backend.accepted()).isZero();
        assertThat(response.header("Server-Timing"))
                .matches(BackendNames.LABELS.stream()
                        .map(name -> name + ";dur=[0-9.]+;desc=\"cancelled: deadline\", ")
                        .collect(Collectors.joining("", "", "total;dur=[0-9.]+")));
    }

    @Test
    void theTimeThatTheClientStatesEndsTheRequest() {
        service = Service.start(backend.baseUri(), Map.of("deadline.reserve", "PT0.5S"));

        Response response = ask("hangs", "Prefer: wait=1");

        assertOutOfTime(response);
        assertThat(response.header("Preference-Applied")).isEqualTo("wait=1");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "`` > 4000",
                "Prefer: wait=7 > 6000",
                "Prefer: wait=60 > 7000",
                "envoy: 6500 > 5500",
                "Prefer: wait=7 | envoy: 6500 > 5500",
                "Prefer: wait=soon > 4000"
            })
    void eachBackendIsToldWhatRemainsLessWhatIsKeptBack(String headers, long mostMillis) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        assertThat(ask("ada", headers).status()).isEqualTo(200);

        assertThat(backend.calls())
                .hasSize(BackendNames.CALLS_OF_A_REQUEST)
                .allSatisfy(call -> assertThat(told(call)).isBetween(1L, mostMillis));
    }

    @Test
    void aBackendIsToldOfItsOwnTimeoutWhereThatIsLess() {
        service = Service.start(
                backend.baseUri(),
                Map.of("deadline.max", "PT1M", "backends.user.timeout", "PT1M", "backends.posts.timeout", "PT5S"));

        assertThat(ask("ada", "Prefer: wait=60").status()).isEqualTo(200);

        for (Call call : backend.calls()) {
            switch (call.backend()) {
                // The lower bound leaves half a minute, more than any call takes.
                case "user" -> assertThat(told(call)).isBetween(30_000L, 59_990L);
                case "posts" -> assertThat(told(call)).isBetween(1L, 5_000L);
                default -> assertThat(told(call)).isBetween(1L, 59_990L);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "Prefer: wait=7 > wait=7",
                "Prefer: wait=\"7\" > wait=7",
                "Prefer: Wait = 7 ; a=b > wait=7",
                "Prefer: wait=8 > wait=8",
                "Prefer: wait=3, wait=7 > wait=3",
                "Prefer: wait=6 | envoy: 6001 > wait=6",
                "Prefer: wait=6 | envoy: 6000 > wait=6",
                "Prefer: wait=6 | envoy: soon > wait=6",
                "Prefer: respond-async, wait=7 > wait=7"
            })
    void aTimeIsSaidToBeAppliedWhereItIsInForce(String headers, String applied) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        assertThat(ask("ada", headers).header("Preference-Applied")).isEqualTo(applied);
        assertThat(ask("nobody", headers).header("Preference-Applied")).isEqualTo(applied);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "envoy: 6000",
                "Prefer: wait=9",
                "Prefer: wait=60",
                "Prefer: wait=6 | envoy: 5999",
                "Prefer: wait=60 | envoy: 6000",
                "Prefer: wait=1.5",
                "Prefer: wait",
                "Prefer: respond-async"
            })
    void noTimeIsSaidToBeAppliedWhereAnotherIsInForce(String headers) {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        assertThat(ask("ada", headers).headers()).doesNotContainKey("preference-applied");
        assertThat(ask("nobody", headers).headers()).doesNotContainKey("preference-applied");
    }

    @Test
    void aTimeThatIsOverAtOnceWasAppliedToo() {
        service = Service.start(backend.baseUri(), FIVE_TO_EIGHT);

        assertThat(ask("ada", "Prefer: wait=0").header("Preference-Applied")).isEqualTo("wait=0");
        assertThat(ask("ada", "Prefer: wait=1").header("Preference-Applied")).isEqualTo("wait=1");
    }

    @Test
    void waitingForAConnectionToABackendCounts() {
        service =
                Service.start(backend.baseUri(), Map.of("backends.posts.max-connections", "1", "deadline.max", "PT1M"));
        CompletableFuture<Response> first = service.getAsync("/profiles/held", "Prefer: wait=60");
        backend.awaitRequests(1);
        CompletableFuture<Response> second = service.getAsync("/profiles/second", "Prefer: wait=60");
        Await.until("the second request waits for posts", () -> service.waiting("posts") == 1);
        long waitingSince = System.nanoTime();

        Response third = ask("third", "envoy: 500");

        assertOutOfTime(third);
        assertThat(third.header("Server-Timing")).containsPattern("posts;dur=[0-9.]+;desc=\"cancelled: deadline\"");
        long waited = Duration.ofNanos(System.nanoTime() - waitingSince).toMillis();
        held.countDown();
        assertThat(Await.result(first).status()).isEqualTo(200);
        assertThat(Await.result(second).status()).isEqualTo(200);
        List<Call> posts =
                backend.calls().stream().filter(call -> call.isFor("posts")).toList();
        assertThat(posts).extracting(Call::id).containsExactly("held", "second");
        assertThat(waited).isGreaterThan(400);
        assertThat(told(posts.getLast())).isBetween(1L, 59_990 - waited);
    }
}
