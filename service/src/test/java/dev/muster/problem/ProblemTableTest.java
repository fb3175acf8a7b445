package dev.muster.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.AnswerKind;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Each status of the service, and the problem for it. */
class ProblemTableTest {
    private static EveryAnswer answers;

    @BeforeAll
    static void start() {
        answers = new EveryAnswer();
    }

    @AfterAll
    static void stop() {
        answers.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GOOD")
    void everyErrorIsAProblem(AnswerKind kind) {
        RawConnection.Response response = answers.ask(kind);

        assertThat(response.status()).isEqualTo(kind.status());
        assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = response.json();
        ProblemType type = ProblemType.valueOf(kind.type().replace('-', '_').toUpperCase(Locale.ROOT));
        List<String> members = new ArrayList<>(List.of("type", "title", "status", "detail", "requestId"));
        if (kind.instance() != null) {
            members.add(4, "instance");
        }
        if (kind.comesToBackends()) {
            members.add(kind == AnswerKind.NO_TIME ? "cause" : "backend");
        }
        assertThat(problem.propertyNames()).containsExactlyElementsOf(members);
        assertThat(problem.path("type").stringValue()).isEqualTo("/problems/" + kind.type());
        assertThat(problem.path("title").stringValue()).isEqualTo(type.title());
        assertThat(problem.path("status").intValue()).isEqualTo(kind.status());
        assertThat(problem.path("detail").stringValue()).isNotBlank();
        assertThat(problem.path("instance").stringValue(null)).isEqualTo(kind.instance());
        assertThat(problem.path("requestId").stringValue()).isEqualTo(response.header("X-Request-Id"));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GOOD")
    void everyErrorsTypeLeadsToAPageAboutIt(AnswerKind kind) {
        JsonNode problem = answers.ask(kind).json();

        RawConnection.Response page =
                answers.service(kind).get(problem.path("type").stringValue());

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.body()).contains("<h1>" + problem.path("title").stringValue() + "</h1>");
    }

    @Test
    void methodsThatThePathLacksAreToldWhichItHas() {
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")) {
            RawConnection.Response response = answers.service(AnswerKind.GOOD).request(method, "/profiles/ada");

            assertThat(response.status()).as(method).isEqualTo(405);
            assertThat(response.header("Allow")).isEqualTo("GET, HEAD");
        }
    }

    @Test
    void aMethodOnAnUnknownPathDoesNotMatter() {
        for (String method : List.of("GET", "POST", "DELETE", "OPTIONS")) {
            assertThat(answers.service(AnswerKind.GOOD)
                            .request(method, "/nowhere")
                            .status())
                    .as(method)
                    .isEqualTo(404);
        }
    }

    @Test
    void anOverloadedBackendsRetryAfterIsPassedOn() {
        assertThat(answers.ask(AnswerKind.OVERLOADED).header("Retry-After")).isEqualTo("7");
    }

    @Test
    void anOverloadedBackendThatDoesNotSayWhenIsTriedAfterASecond() {
        answers.backends().serve("full").answer("friends", "full", 429);

        RawConnection.Response response = answers.service(AnswerKind.GOOD).get("/profiles/full");

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void aBackendsChallengeIsPassedOn() {
        assertThat(answers.ask(AnswerKind.UNAUTHORIZED).header("WWW-Authenticate"))
                .isEqualTo("Bearer realm=\"users\"");
    }

    @Test
    void theAbsoluteFormOfATargetIsThePathInIt() {
        RawConnection.Response response = answers.service(AnswerKind.GOOD).get("http://test/profiles/ada?x=/y");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.json().at("/user/id").stringValue()).isEqualTo("ada");
    }

    @Test
    void aPathThatWouldPointToAnotherHostIsNoInstance() {
        JsonNode problem =
                answers.service(AnswerKind.GOOD).get("//evil.example/x").json();

        assertThat(problem.path("type").stringValue()).isEqualTo("/problems/unknown-path");
        assertThat(problem.has("instance")).isFalse();
    }

    @Test
    void noErrorTellsWhereTheBackendsAre() {
        String port = Integer.toString(answers.backends().wireMock().port());
        for (AnswerKind kind : AnswerKind.values()) {
            assertThat(answers.ask(kind).body()).as(kind.name()).doesNotContain(port, "127.0.0.1", "xception", "\tat ");
        }
    }
}
