package dev.muster.profile;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first failure ends the sibling calls in every state of theirs, and closes their connections. */
class CancellationTest {
    private static final String BAD = "bad";

    private static final List<String> SIBLINGS = BackendNames.without("user");

    private final CountDownLatch siblingsHang = new CountDownLatch(SIBLINGS.size());
    private final CountDownLatch siblingsClosed = new CountDownLatch(SIBLINGS.size());
    private volatile String beginning = "";

    private final FakeBackend user = FakeBackend.start(this::answerOrFail);
    private final FakeBackend posts = FakeBackend.start(this::answerOrHang);
    private final FakeBackend others = FakeBackend.start(this::answerOrHang);
    private final Service service = Service.start(
            others.baseUri(),
            Map.of("backends.user.base-uri", user.baseUri(), "backends.posts.base-uri", posts.baseUri()));

    @AfterEach
    void stop() {
        service.close();
        user.close();
        posts.close();
        others.close();
    }

    private void answerOrFail(Call call) throws Exception {
        if (call.id().equals(BAD)) {
            Await.latch(siblingsHang);
            call.status(500);
        } else {
            call.answerWell();
        }
    }

    private void answerOrHang(Call call) throws Exception {
        if (call.id().equals(BAD)) {
            call.send(beginning);
            siblingsHang.countDown();
            call.awaitPeerClosed();
            siblingsClosed.countDown();
        } else {
            call.answerWell();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\nContent-Ty",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n"
            })
    void aSiblingThatHangsHasItsConnectionClosed(String beginning) {
        this.beginning = beginning;

        Response response = service.get("/profiles/" + BAD);

        assertProblem(response, 502, "backend-failed", "user");
        Await.latch(siblingsClosed);
    }

    @Test
    void noConnectionOfACancelledCallIsUsedAgain() {
        assertProfile(service.get("/profiles/ada"), "ada");
        service.get("/profiles/" + BAD);

        Response response = service.get("/profiles/bob");

        assertProfile(response, "bob");
        assertThat(posts.calls()).extracting(Call::connection).containsExactly(1, 1, 2);
    }

    @Test
    void nothingOfTheCallsIsLeftOnceTheAnswerIsThere() {
        service.get("/profiles/" + BAD);

        for (String name : SIBLINGS) {
            assertThat(service.connections(name, "active")).as(name).isZero();
            assertThat(service.connections(name, "idle")).as(name).isZero();
        }
    }
}
