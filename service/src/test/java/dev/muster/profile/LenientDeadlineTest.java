package dev.muster.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** A lenient request at its deadline gets the parts that have arrived, if the user is among them. */
class LenientDeadlineTest {
    private static final String LENIENT = "Prefer: handling=lenient";
    private static final String SHORT = "x-envoy-expected-rq-timeout-ms: 300";

    private final Set<String> hanging = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answerOrHang);
    private Service service;

    /** Starts the service and sends one request, because a first request is slow. */
    private void start(Map<String, String> settings) {
        service = Service.start(backend.baseUri(), settings);
        service.get("/profiles/warm");
        Await.until(
                "the request is counted", () -> Scrape.of(service).sum("muster_profile_requests_total", Map.of()) == 1);
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void answerOrHang(Call call) throws Exception {
        if (hanging.contains(call.backend()) && call.id().equals("ada")) {
            call.awaitPeerClosed();
            closed.countDown();
        } else {
            call.answerWell();
        }
    }

    private void assertCounted(String outcome) {
        Await.until(
                "the request is counted",
                () -> Scrape.of(service).sum("muster_profile_requests_total", Map.of("result", outcome)) == 1);
    }

    private static void assertTooLate(JsonNode error, String name) {
        assertThat(error.propertyNames())
                .containsExactly("backend", "type", "status", "title", "detail", "retryable", "elapsedMs");
        assertThat(error.path("backend").asString()).isEqualTo(name);
        assertThat(error.path("type").asString()).isEqualTo("/problems/deadline-exceeded");
        assertThat(error.path("status").asInt()).isEqualTo(504);
        assertThat(error.path("title").asString()).isEqualTo("The answer was not ready in time");
        assertThat(error.path("detail").asString())
                .isEqualTo("The " + name + " backend had not answered when the request's deadline passed.");
        assertThat(error.path("retryable").asBoolean()).isTrue();
        assertThat(error.path("elapsedMs").asDouble()).isPositive();
    }

    private static void assertOutOfTime(Response response) {
        assertThat(response.status()).as(response.body()).isEqualTo(504);
        assertThat(response.json().path("type").asString()).isEqualTo("/problems/deadline-exceeded");
        assertThat(response.json().path("cause").asString()).isEqualTo("deadline");
        assertThat(response.json().has("backend")).isFalse();
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.headers()).doesNotContainKey("profile-complete");
    }

    @Test
    void theUserAndWhatElseHasArrivedIsTheAnswer() {
        hanging.add("friends");
        start(Map.of());

        Response response = service.get("/profiles/ada", "Prefer: handling=lenient, wait=2");

        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.header("Profile-Complete")).isEqualTo("false");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.header("Preference-Applied").split(", ", -1))
                .containsExactlyInAnyOrder("handling=lenient", "wait=2");
        JsonNode profile = response.json();
        assertThat(profile.propertyNames()).containsExactlyElementsOf(BackendNames.membersWithout("friends"));
        assertThat(profile.path("errors")).hasSize(1);
        assertTooLate(profile.at("/errors/0"), "friends");
        assertThat(profile.at("/errors/0/elapsedMs").asDouble()).isGreaterThan(1_900);
        assertThat(response.header("Server-Timing"))
                .containsOnlyOnce("desc=")
                .containsPattern("friends;dur=[0-9.]+;desc=\"cancelled: deadline\"");
        Await.latch(closed);
        assertCounted("partial");
        assertThat(Scrape.of(service).sum("muster_cancellations_total", Map.of("cause", "deadline")))
                .isEqualTo(1);
        Await.until(
                "the overshoot of the deadline is measured",
                () -> Scrape.of(service).sum("muster_deadline_overshoot_seconds_count", Map.of()) == 1);
    }

    @Test
    void theUserAloneIsAnAnswer() {
        List<String> others = BackendNames.without("user");
        hanging.addAll(others);
        start(Map.of("deadline.default", "PT2S"));

        Response response = service.get("/profiles/ada", LENIENT);

        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.header("Preference-Applied")).isEqualTo("handling=lenient");
        JsonNode profile = response.json();
        assertThat(profile.propertyNames()).containsExactly("user", "errors");
        assertThat(profile.path("errors")).hasSize(others.size());
        for (int i = 0; i < others.size(); i++) {
            assertTooLate(profile.path("errors").path(i), others.get(i));
        }
    }

    @Test
    void aBackendsTimeoutAndTheRequestsDeadlineAreToldApart() {
        hanging.addAll(Set.of("posts", "friends"));
        start(Map.of("backends.posts.timeout", "PT1S"));

        Response response = service.get("/profiles/ada", "Prefer: handling=lenient, wait=2");

        assertThat(response.status()).as(response.body()).isEqualTo(200);
        JsonNode errors = response.json().path("errors");
        assertThat(errors.get(0).path("detail").asString())
                .isEqualTo("The posts backend did not answer within its timeout.");
        assertTooLate(errors.get(1), "friends");
        assertThat(response.header("Server-Timing"))
                .containsPattern("posts;dur=[0-9.]+;desc=\"timed-out\"")
                .containsPattern("friends;dur=[0-9.]+;desc=\"cancelled: deadline\"");
    }

    static List<List<String>> lateWithTheUser() {
        return List.of(List.of("user"), List.of("user", "posts"), List.of("user", "friends"), BackendNames.LABELS);
    }

    @ParameterizedTest
    @MethodSource("lateWithTheUser")
    void withoutTheUserThereIsNoAnswer(List<String> late) {
        hanging.addAll(late);
        start(Map.of());

        Response response = service.get("/profiles/ada", LENIENT, SHORT);

        assertOutOfTime(response);
        assertThat(response.header("Server-Timing")).containsPattern("user;dur=[0-9.]+;desc=\"cancelled: deadline\"");
        assertCounted("deadline-exceeded");
    }

    @Test
    void withoutTheUserThereIsNoAnswerThoughAnotherBackendHasFailed() {
        hanging.add("user");
        service = Service.start(backend.baseUri(), Map.of("backends.posts.max-body", "1"));

        Response response = service.get("/profiles/ada", LENIENT, SHORT);

        assertOutOfTime(response);
    }

    @Test
    void aRequiredBackendThatIsLateLeavesNoAnswer() {
        hanging.add("posts");
        start(Map.of("backends.posts.required", "true"));

        Response response = service.get("/profiles/ada", LENIENT, SHORT);

        assertOutOfTime(response);
        assertThat(response.json().path("detail").asString()).contains("posts");
    }

    @Test
    void strictTakesNoPartOfTheAnswer() {
        hanging.add("friends");
        start(Map.of());

        Response response = service.get("/profiles/ada", "Prefer: handling=strict", SHORT);

        assertOutOfTime(response);
    }
}
