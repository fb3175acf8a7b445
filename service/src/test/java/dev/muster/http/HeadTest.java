package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.AnswerKind;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HEAD has the same answer as GET, without the body. A body would be read as the beginning of the next answer. */
class HeadTest {
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
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {
                "GOOD",
                "BAD_ID",
                "BAD_ACCEPT",
                "UNAUTHORIZED",
                "FORBIDDEN",
                "USER_NOT_FOUND",
                "UNKNOWN_PATH",
                "NOT_ACCEPTABLE",
                "BACKEND_FAILED",
                "BAD_RESPONSE",
                "OVERLOADED",
                "TIMED_OUT",
                "NO_TIME"
            })
    void theAnswersToHeadAndToGetBehindItAreAlike(AnswerKind kind) {
        try (RawConnection connection = new RawConnection(answers.service(kind).port())) {
            connection.sendRaw(kind.request("HEAD", "X-Request-Id: same") + kind.request("GET", "X-Request-Id: same"));

            RawConnection.Response head = connection.read("HEAD");
            RawConnection.Response get = connection.read("GET");
            assertThat(get.status()).isEqualTo(kind.status());
            assertThat(get.body()).startsWith("{").endsWith("}");
            assertThat(head.status()).isEqualTo(get.status());
            assertThat(head.headers().keySet()).isEqualTo(get.headers().keySet());
            assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
            assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"METHOD_NOT_ALLOWED", "UNKNOWN_METHOD", "UNKNOWN_METHOD_AND_PATH"})
    void whatIsRefusedForItsMethodLeavesTheConnectionUsable(AnswerKind kind) {
        try (RawConnection connection = new RawConnection(answers.service(kind).port())) {
            connection.sendRaw(kind.request("GET") + AnswerKind.GOOD.request("HEAD") + AnswerKind.GOOD.request("GET"));

            assertThat(connection.read(kind.method()).status()).isEqualTo(kind.status());
            RawConnection.Response head = connection.read("HEAD");
            RawConnection.Response get = connection.read("GET");
            assertThat(head.status()).isEqualTo(200);
            assertThat(get.status()).isEqualTo(200);
            assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.INCLUDE,
            names = {"NO_URI", "TWO_LENGTHS", "LARGE_LENGTH", "LONG_LINE", "TRANSFER_CODING"})
    void whatIsRefusedBeforeItsRouteEndsTheConnectionWithTheHead(AnswerKind kind) {
        try (RawConnection connection = new RawConnection(answers.service(kind).port())) {
            connection.sendRaw(kind.request("HEAD"));

            RawConnection.Response head = connection.read("HEAD");
            assertThat(head.status()).isEqualTo(kind.status());
            assertThat(head.header("Connection")).isEqualTo("close");
            // A request line that was not read to its end has no known method, so a body is right here.
            if (kind != AnswerKind.LONG_LINE) {
                assertThat(connection.isClosedByPeer()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi", "/problems", "/problems/bad-id"})
    void documentsAnswerHeadToo(String path) {
        try (RawConnection connection =
                new RawConnection(answers.service(AnswerKind.GOOD).port())) {
            connection.send("HEAD", path);
            connection.send("GET", path);

            RawConnection.Response head = connection.read("HEAD");
            RawConnection.Response get = connection.read("GET");
            assertThat(head.status()).isEqualTo(200);
            assertThat(get.body()).isNotEmpty();
            assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
        }
    }
}
