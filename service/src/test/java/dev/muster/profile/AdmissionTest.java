package dev.muster.profile;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Batches;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** More requests at once than the backends can serve, with one connection to each backend. */
class AdmissionTest {
    private static final String MILLIS = "x-envoy-expected-rq-timeout-ms: ";

    private final CountDownLatch held = new CountDownLatch(1);
    private final FakeBackend posts = FakeBackend.start(this::hold);
    private final FakeBackend others = FakeBackend.start(Call::answerWell);
    private Service service;

    private void start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("backends.posts.base-uri", posts.baseUri());
        all.put("backends.max-connections", "1");
        service = Service.start(others.baseUri(), all);
    }

    @AfterEach
    void stop() {
        service.close();
        posts.close();
        others.close();
    }

    private void hold(Call call) throws Exception {
        held.await();
        call.answerWell();
    }

    private CompletableFuture<Response> inside(String id) {
        CompletableFuture<Response> answer = service.getAsync("/profiles/" + id);
        posts.awaitCalls(1);
        Await.until(
                "the calls to the other backends have ended",
                () -> BackendNames.without("posts").stream().allMatch(name -> service.connections(name, "idle") == 1));
        return answer;
    }

    private CompletableFuture<Response> waiting(String id) {
        int before = gauge("muster_profiles_waiting");
        CompletableFuture<Response> answer = service.getAsync("/profiles/" + id);
        Await.until("one more request waits", () -> gauge("muster_profiles_waiting") == before + 1);
        return answer;
    }

    private int gauge(String name) {
        return (int) Scrape.of(service).sum(name, Map.of());
    }

    private double refused(String reason) {
        return Scrape.of(service).sum("muster_server_requests_refused_total", Map.of("reason", reason));
    }

    private void assertNobodyCalledFor(String id) {
        assertThat(others.calls()).extracting(Call::id).doesNotContain(id);
        assertThat(posts.calls()).extracting(Call::id).doesNotContain(id);
    }

    @Test
    void whoWaitsCallsNoBackendUntilItsTurnComes() {
        start(Map.of());
        CompletableFuture<Response> first = inside("first");
        CompletableFuture<Response> second = waiting("second");
        CompletableFuture<Response> third = waiting("third");

        assertNobodyCalledFor("second");
        assertThat(gauge("muster_profiles_fanned_out")).isEqualTo(1);
        held.countDown();

        assertProfile(Await.result(first), "first");
        assertProfile(Await.result(second), "second");
        assertProfile(Await.result(third), "third");
        assertThat(posts.calls()).extracting(Call::id).containsExactly("first", "second", "third");
        Await.until("no admitted request is left", () -> gauge("muster_profiles_fanned_out") == 0);
        assertThat(gauge("muster_profiles_waiting")).isZero();
    }

    @Test
    void whoseTurnWouldComeTooLateIsRefused() {
        start(Map.of("backends.posts.timeout", "PT30S", "deadline.default", "PT10S"));
        assertProblem(service.get("/profiles/late", MILLIS + 300), 504, "deadline-exceeded");
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(2);

        Response second = service.get("/profiles/second", MILLIS + 30);

        assertProblem(second, 503, "overloaded");
        assertThat(second.header("Retry-After")).isEqualTo("1");
        assertNobodyCalledFor("second");
        Await.until("the rejected request is counted", () -> refused("deadline") == 1);
        held.countDown();
        assertProfile(Await.result(first), "first");
    }

    @Test
    void whoseDeadlinePassesWhileItWaitsIsToldSo() {
        start(Map.of("backends.posts.timeout", "PT30S", "deadline.default", "PT10S"));
        CompletableFuture<Response> first = inside("first");

        Response second = service.get("/profiles/second", MILLIS + 200);

        assertProblem(second, 504, "deadline-exceeded");
        assertNobodyCalledFor("second");
        held.countDown();
        assertProfile(Await.result(first), "first");
    }

    @Test
    void whoIsCancelledWhileItWaitsLeavesNothingBehind() {
        start(Map.of());
        CompletableFuture<Response> first = inside("first");
        CompletableFuture<Response> second = waiting("second");

        service.cancelRequests(Cause.SHUTDOWN);

        assertProblem(Await.result(first), 503, "draining");
        // The second request may have reached the backends, if the first was cancelled before it.
        assertProblem(Await.result(second), 503, "draining");
        held.countDown();
        assertProfile(service.get("/profiles/third"), "third");
    }

    @Test
    void whoGoesWhileItWaitsIsForgotten() {
        start(Map.of("connection.client-gone-after", "PT0S"));
        CompletableFuture<Response> first = inside("first");
        try (RawConnection leaving = new RawConnection(service.port())) {
            leaving.send("GET", "/profiles/second");
            Await.until("one more request waits", () -> gauge("muster_profiles_waiting") == 1);
        }

        Await.until("the cancelled request has left the queue", () -> gauge("muster_profiles_waiting") == 0);

        assertThat(first).isNotDone();
        held.countDown();
        assertProfile(Await.result(first), "first");
        assertNobodyCalledFor("second");
    }

    @Test
    void aLenientRequestDoesNotWaitForABackendThatItMayGoWithout() {
        start(Map.of("deadline.default", "PT0.5S"));
        CompletableFuture<Response> first = inside("first");

        Response lenient = service.get("/profiles/second", "Prefer: handling=lenient");

        assertThat(lenient.status()).isEqualTo(200);
        assertThat(lenient.header("Profile-Complete")).isEqualTo("false");
        assertThat(others.calls()).extracting(Call::id).contains("second");
        Await.result(first);
    }

    @Test
    void aLenientRequestWaitsForABackendThatItNeedsAsAStrictOneDoes() {
        start(Map.of("backends.posts.required", "true"));
        CompletableFuture<Response> first = inside("first");
        int before = gauge("muster_profiles_waiting");
        CompletableFuture<Response> second = service.getAsync("/profiles/second", "Prefer: handling=lenient");
        Await.until("one more request waits", () -> gauge("muster_profiles_waiting") == before + 1);

        assertNobodyCalledFor("second");
        held.countDown();
        assertProfile(Await.result(first), "first");
        assertProfile(Await.result(second), "second");
        assertThat(posts.calls()).extracting(Call::id).containsExactly("first", "second");
    }

    @Test
    void strictAndLenientRequestsHaveTheirTurnsInTheOrderOfTheirArrival() {
        start(Map.of(
                "backends.user.base-uri", posts.baseUri(),
                "backends.user.timeout", "PT1M",
                "backends.posts.timeout", "PT1M",
                "deadline.max", "PT1M",
                "deadline.default", "PT1M"));
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        answers.add(service.getAsync("/profiles/r0"));
        posts.awaitCalls(2);
        for (int i = 1; i < 7; i++) {
            int waiting = i;
            answers.add(service.getAsync("/profiles/r" + i, "Prefer: handling=" + (i % 2 == 0 ? "strict" : "lenient")));
            Await.until("one more request waits", () -> gauge("muster_profiles_waiting") == waiting);
        }

        held.countDown();

        for (int i = 0; i < 7; i++) {
            assertProfile(Await.result(answers.get(i)), "r" + i);
        }
        assertThat(posts.calls().stream().filter(call -> call.isFor("user")).map(Call::id))
                .containsExactly("r0", "r1", "r2", "r3", "r4", "r5", "r6");
    }

    @Test
    void aCallThatALenientRequestCanDoWithoutIsGoneWithoutAtOnceWhereItsTurnWouldComeTooLate() {
        start(Map.of("backends.posts.timeout", "PT30S", "deadline.default", "PT10S"));
        assertProblem(service.get("/profiles/late", MILLIS + 300), 504, "deadline-exceeded");
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(2);

        Response second = service.get("/profiles/second", "Prefer: handling=lenient", MILLIS + 400);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body())
                .contains("\"backend\":\"posts\",\"type\":\"/problems/overloaded\"")
                .contains("\"retryable\":true");
        assertThat(posts.calls()).extracting(Call::id).doesNotContain("second");
        held.countDown();
        assertProfile(Await.result(first), "first");
    }

    @Test
    void aBatchIsNotInTheQueue() {
        start(Map.of());
        CompletableFuture<Response> batch = Batches.postAsync(service, Batches.body("first", "second"), Batches.STRICT);
        posts.awaitCalls(1);

        assertThat(gauge("muster_profiles_fanned_out")).isZero();
        assertThat(gauge("muster_profiles_waiting")).isZero();

        held.countDown();
        assertThat(Await.result(batch).status()).isEqualTo(200);
    }
}
