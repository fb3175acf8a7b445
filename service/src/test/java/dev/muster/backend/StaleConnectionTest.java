package dev.muster.backend;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.FakeBackend.Script;
import dev.muster.testing.Service;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call on a connection that the backend has closed, or is closing, is tried again only if that is safe. */
class StaleConnectionTest {
    private final FakeBackend others = FakeBackend.start(Call::answerWell);
    private FakeBackend posts;
    private Service service;

    private void start(Script script) {
        posts = FakeBackend.start(script);
        service = Service.start(others.baseUri(), Map.of("backends.posts.base-uri", posts.baseUri()));
    }

    @AfterEach
    void stop() {
        service.close();
        posts.close();
        others.close();
    }

    @Test
    void aConnectionClosedSilentlyAfterItsAnswerIsReplacedByANewOne() {
        start(call -> {
            call.answerWell();
            call.close();
        });

        for (int i = 1; i <= 5; i++) {
            assertProfile(service.get("/profiles/ada"), "ada");
            posts.awaitClosed(i);
        }

        assertThat(posts.accepted()).isEqualTo(5);
    }

    @Test
    void aReusedConnectionThatEndsWithoutAnAnswerIsReplacedByANewOne() {
        start(call -> {
            if (call.number() == 1) {
                call.answerWell();
            } else {
                call.close();
            }
        });

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");

        assertThat(posts.calls()).extracting(Call::id).containsExactly("ada", "bob", "bob");
        assertThat(posts.calls()).extracting(Call::connection).containsExactly(1, 1, 2);
    }

    @Test
    void aCallIsTriedAgainOnlyOnce() {
        start(call -> {
            if (call.id().equals("ada")) {
                call.answerWell();
            } else {
                call.close();
            }
        });

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProblem(service.get("/profiles/bob"), 502, "backend-failed", "posts");

        assertThat(posts.calls()).extracting(Call::connection).containsExactly(1, 1, 2);
    }

    @Test
    void aCallOnANewConnectionIsNotTriedAgain() {
        start(Call::close);

        assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");

        assertThat(posts.calls()).hasSize(1);
        assertThat(posts.accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "H",
                "HTTP/1.1 200 OK\r\nContent-Type",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n["
            })
    void aCallWhoseAnswerHasBegunIsNotTriedAgain(String beginning) {
        start(call -> {
            if (call.id().equals("bob") && call.connection() == 1) {
                call.send(beginning);
                call.close();
            } else {
                call.answerWell();
            }
        });

        assertProfile(service.get("/profiles/ada"), "ada");
        assertThat(service.get("/profiles/bob").status()).isEqualTo(502);

        assertThat(posts.calls()).hasSize(2);
        assertThat(posts.accepted()).isEqualTo(1);
    }
}
