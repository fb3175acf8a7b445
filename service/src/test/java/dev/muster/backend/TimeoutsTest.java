package dev.muster.backend;

import static dev.muster.testing.Answers.assertDeadlinePassed;
import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A posts backend that exceeds its timeout. */
class TimeoutsTest {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);
    private FakeBackend backend;
    private Service service;

    private void start(FakeBackend.Script posts, Map<String, String> settings) {
        backend = FakeBackend.start(call -> {
            if (call.isFor("posts") && call.id().equals("slow")) {
                posts.answer(call);
            } else {
                call.answerWell();
            }
        });
        service = Service.start(backend.baseUri(), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void hang(Call call) {
        call.awaitPeerClosed();
        closed.countDown();
    }

    @Test
    void aBackendThatDoesNotAnswerWithinItsTimeoutIsGatewayTimeout() {
        start(this::hang, Map.of("backends.posts.timeout", "PT0.2S"));

        assertProblem(service.get("/profiles/slow"), 504, "deadline-exceeded", "posts");
    }

    @Test
    void theConnectionOfACallThatTimedOutIsClosed() {
        start(this::hang, Map.of("backends.posts.timeout", "PT0.2S"));

        service.get("/profiles/slow");

        Await.latch(closed);
        assertThat(service.connections("posts", "idle")).isZero();
        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void theRequestsDeadlineCountsWhereItIsShorterThanTheBackendsTimeout() {
        start(this::hang, Map.of("deadline.default", "PT0.2S"));

        assertDeadlinePassed(service.get("/profiles/slow"), "posts");
        Await.latch(closed);
    }

    @Test
    void theTimeoutCountsTheWholeAnswerHoweverSteadilyItTricklesIn() {
        start(this::dribble, Map.of("backends.posts.timeout", "PT0.5S"));

        assertProblem(service.get("/profiles/slow"), 504, "deadline-exceeded", "posts");
        Await.latch(closed);
    }

    /** Sends a byte each 50 ms until the connection is closed. */
    private void dribble(Call call) throws Exception {
        try {
            call.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n[");
            while (!never.await(50, TimeUnit.MILLISECONDS)) {
                call.send(" ");
            }
        } catch (IOException e) {
            closed.countDown();
            throw e;
        }
    }
}
