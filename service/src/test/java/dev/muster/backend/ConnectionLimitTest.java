package dev.muster.backend;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several requests compete for one connection to the posts backend. */
class ConnectionLimitTest {
    private static final String IN_300_MS = "x-envoy-expected-rq-timeout-ms: 300";
    private static final String LENIENT = "Prefer: handling=lenient";

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch friendsHeld = new CountDownLatch(1);
    private final FakeBackend posts = FakeBackend.start(this::hold);
    private final FakeBackend others = FakeBackend.start(this::answerOrFail);
    private Service service;

    private void start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("backends.posts.base-uri", posts.baseUri());
        all.put("backends.posts.max-connections", "1");
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

    private void answerOrFail(Call call) throws Exception {
        if (call.isFor("friends") && call.id().equals("fails")) {
            friendsHeld.await();
            call.status(500);
        } else {
            call.answerWell();
        }
    }

    @Test
    void callsThatWaitForAConnectionGetItInTheirOrder() {
        start(Map.of("deadline.max", "PT1M", "deadline.default", "PT1M", "backends.posts.timeout", "PT1M"));
        List<String> ids = List.of("first", "second", "third", "fourth", "fifth");
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            answers.add(service.getAsync("/profiles/" + ids.get(i)));
            posts.awaitCalls(1);
            int waiting = i;
            Await.until("it waits", () -> service.waiting("posts") == waiting);
        }

        held.countDown();

        for (int i = 0; i < ids.size(); i++) {
            assertProfile(Await.result(answers.get(i)), ids.get(i));
        }
        assertThat(posts.calls()).extracting(Call::id).containsExactlyElementsOf(ids);
        assertThat(posts.accepted()).isEqualTo(1);
    }

    @Test
    void aCallBeyondThoseThatMayWaitIsTurnedAwayAtOnce() {
        start(Map.of("backends.posts.max-waiting", "1"));
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(1);
        CompletableFuture<Response> second = service.getAsync("/profiles/second");
        Await.until("it waits", () -> service.waiting("posts") == 1);

        Response third = service.get("/profiles/third");

        assertProblem(third, 503, "overloaded", "posts");
        assertThat(third.header("Retry-After")).isEqualTo("1");
        assertThat(first).isNotDone();
        held.countDown();
        assertProfile(Await.result(first), "first");
        assertProfile(Await.result(second), "second");
    }

    @Test
    void waitingForAConnectionCountsAgainstTheDeadline() {
        start(Map.of());
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(1);

        assertProblem(service.get("/profiles/second", IN_300_MS), 504, "deadline-exceeded");

        held.countDown();
        assertProfile(Await.result(first), "first");
    }

    @Test
    void aCallThatARequestCanDoWithoutWaitsUntilTheDeadline() {
        start(Map.of());
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(1);

        Response second = service.get("/profiles/second", IN_300_MS, LENIENT);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("Profile-Complete")).isEqualTo("false");
        held.countDown();
        assertProfile(Await.result(first), "first");
    }

    @Test
    void aCallBeyondThoseThatMayWaitIsGoneWithoutAtOnceWhereItCanBe() {
        start(Map.of("backends.posts.max-waiting", "0"));
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(1);

        Response second = service.get("/profiles/second", LENIENT);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body())
                .contains("\"backend\":\"posts\",\"type\":\"/problems/overloaded\"")
                .contains("\"retryable\":true");
        assertThat(first).isNotDone();
        held.countDown();
        assertProfile(Await.result(first), "first");
    }

    /** A request whose call to posts waits and is cancelled, as its call to friends fails. */
    private CompletableFuture<Response> failing() {
        CompletableFuture<Response> failing = service.getAsync("/profiles/fails", LENIENT);
        Await.until("it waits", () -> service.waiting("posts") == 1);
        return failing;
    }

    @Test
    void aCallCancelledWhileItWaitsTakesNoConnectionWithIt() {
        start(Map.of("backends.friends.required", "true"));
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(1);
        CompletableFuture<Response> cancelled = failing();

        friendsHeld.countDown();

        assertProblem(Await.result(cancelled), 502, "backend-failed", "friends");
        assertThat(service.waiting("posts")).isZero();
        held.countDown();
        assertProfile(Await.result(first), "first");
        assertProfile(service.get("/profiles/third"), "third");
        assertThat(posts.calls()).extracting(Call::id).containsExactly("first", "third");
    }

    @Test
    void whoWaitsBehindACancelledCallStillGetsItsTurn() {
        start(Map.of("backends.friends.required", "true"));
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(1);
        CompletableFuture<Response> cancelled = failing();
        CompletableFuture<Response> last = service.getAsync("/profiles/last");
        Await.until("both wait", () -> service.waiting("posts") == 2);
        friendsHeld.countDown();
        Await.result(cancelled);

        held.countDown();

        assertProfile(Await.result(first), "first");
        assertProfile(Await.result(last), "last");
    }
}
