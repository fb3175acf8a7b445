package dev.muster.backend;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.FakeBackend.Script;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which connection to the posts backend a call uses. */
class ConnectionReuseTest {
    private final FakeBackend others = FakeBackend.start(Call::answerWell);
    private FakeBackend posts;
    private Service service;

    private void start(Script script, Map<String, String> settings) {
        posts = FakeBackend.start(script);
        Map<String, String> all = new HashMap<>(settings);
        all.put("backends.posts.base-uri", posts.baseUri());
        service = Service.start(others.baseUri(), all);
    }

    @AfterEach
    void stop() {
        service.close();
        posts.close();
        others.close();
    }

    @Test
    void oneConnectionCarriesOneCallAfterAnother() {
        start(Call::answerWell, Map.of());

        for (int i = 0; i < 10; i++) {
            assertProfile(service.get("/profiles/id-" + i), "id-" + i);
        }

        assertThat(posts.accepted()).isEqualTo(1);
        assertThat(posts.calls()).hasSize(10);
    }

    @Test
    void aConnectionIsKeptAfterAFailureThatWasAWholeAnswer() {
        start(
                call -> {
                    if (call.number() == 1) {
                        call.send("HTTP/1.1 500 Failed\r\nContent-Length: 4\r\n\r\noops");
                    } else {
                        call.answerWell();
                    }
                },
                Map.of());

        assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");
        assertProfile(service.get("/profiles/ada"), "ada");

        assertThat(posts.accepted()).isEqualTo(1);
    }

    @Test
    void theConnectionUsedLastIsUsedNext() {
        Map<String, CountDownLatch> held = Map.of("first", new CountDownLatch(1), "second", new CountDownLatch(1));
        start(
                call -> {
                    if (held.containsKey(call.id())) {
                        held.get(call.id()).await();
                    }
                    call.answerWell();
                },
                Map.of());
        CompletableFuture<Response> first = service.getAsync("/profiles/first");
        posts.awaitCalls(1);
        CompletableFuture<Response> second = service.getAsync("/profiles/second");
        posts.awaitCalls(2);
        held.get("second").countDown();
        Await.result(second);
        held.get("first").countDown();
        Await.result(first);

        for (int i = 0; i < 3; i++) {
            service.get("/profiles/ada");
        }

        assertThat(posts.calls()).extracting(Call::connection).containsExactly(1, 2, 1, 1, 1);
    }

    @Test
    void anIdleConnectionIsClosedAfterItsTimeout() {
        start(Call::answerWell, Map.of("backends.posts.idle-timeout", "PT0.1S"));

        service.get("/profiles/ada");

        posts.awaitClosed(1);
        assertThat(service.connections("posts", "idle")).isZero();
        assertProfile(service.get("/profiles/ada"), "ada");
        posts.awaitClosed(2);
    }

    @Test
    void aConnectionThatTheBackendWantsClosedIsClosed() {
        start(call -> call.json(call.goodBody(), "Connection: close"), Map.of());

        assertProfile(service.get("/profiles/ada"), "ada");

        posts.awaitClosed(1);
        assertThat(service.connections("posts", "idle")).isZero();
        assertProfile(service.get("/profiles/bob"), "bob");
        assertThat(posts.accepted()).isEqualTo(2);
    }

    @Test
    void aConnectionOfHttp10IsClosed() {
        start(call -> call.send(Call.jsonAnswer(call.goodBody()).replace("HTTP/1.1", "HTTP/1.0")), Map.of());

        assertProfile(service.get("/profiles/ada"), "ada");

        posts.awaitClosed(1);
    }

    @Test
    void aConnectionWhoseAnswerWasTooLargeToReadIsClosed() {
        start(
                call -> call.json(call.connection() == 1 ? " ".repeat(5000) : call.goodBody()),
                Map.of("backends.posts.max-body", "1000"));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");

        posts.awaitClosed(1);
        assertProfile(service.get("/profiles/bob"), "bob");
        assertThat(posts.calls()).extracting(Call::connection).containsExactly(1, 2);
    }

    @Test
    void theBodyOfAFailureIsNotReadBeyondTheLimitEither() {
        start(
                call -> {
                    if (call.connection() == 1) {
                        call.send("HTTP/1.1 500 Failed\r\nContent-Length: 1000000\r\n\r\noops");
                        call.awaitPeerClosed();
                    } else {
                        call.answerWell();
                    }
                },
                Map.of("backends.posts.max-body", "1000"));

        assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");

        posts.awaitClosed(1);
    }

    @Test
    void closingTheServiceClosesItsIdleConnections() {
        start(Call::answerWell, Map.of());
        service.get("/profiles/ada");

        service.close();

        posts.awaitClosed(1);
    }

    @Test
    void anAnswerInPiecesIsPutTogether() {
        start(
                call -> {
                    for (char c : Call.jsonAnswer(GoodBodies.posts(call.id())).toCharArray()) {
                        call.send(String.valueOf(c));
                    }
                },
                Map.of());

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");
        assertThat(posts.accepted()).isEqualTo(1);
    }
}
