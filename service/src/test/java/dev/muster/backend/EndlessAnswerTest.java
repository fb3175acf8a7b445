package dev.muster.backend;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import dev.muster.testing.ThreadDump;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A posts backend sends an endless answer without pause. Its reader always finds bytes, so it never waits, and the JDK
 * never tells it of an interrupt.
 */
class EndlessAnswerTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String EARLY_HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
    /** Large enough to keep the sender ahead of the reader. */
    private static final int BLOCK = 64 << 10;

    /** The backend sends this once, and then repeats the other until the connection is closed. */
    private volatile String first = "";

    private volatile String repeated = "";

    private final FakeBackend backend = FakeBackend.start(this::answer);
    private Service service;

    private void start(Map<String, String> settings) {
        service = Service.start(backend.baseUri(), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void answer(Call call) throws Exception {
        if (!call.isFor("posts") || call.id().equals("warm")) {
            call.answerWell();
            return;
        }
        call.send(first);
        String block = repeated.repeat(BLOCK / repeated.length() + 1);
        while (true) {
            call.send(block);
        }
    }

    private void assertEnded() {
        Call posts = backend.calls().stream()
                .filter(call -> call.isFor("posts") && call.id().equals("ada"))
                .findFirst()
                .orElseThrow();
        backend.awaitClosed(posts.connection());
        assertThat(ThreadDump.take().threadsOfFanOuts()).isEmpty();
        assertThat(service.connections("posts", "active")).isZero();
    }

    static Stream<Arguments> withoutEnd() {
        return Stream.of(
                Arguments.of("empty lines", "", "\r\n"),
                Arguments.of("bytes that are no HTTP", "", "no HTTP"),
                Arguments.of("a status line", "HTTP/1.1 200 ", "OK"),
                Arguments.of("100 Continue", "", "HTTP/1.1 100 Continue\r\n\r\n"),
                Arguments.of("102 Processing", "", "HTTP/1.1 102 Processing\r\n\r\n"),
                Arguments.of("103 Early Hints", "", EARLY_HINTS),
                Arguments.of("101 Switching Protocols", "", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
                Arguments.of("interim answers of the longest heads", "", longestInterim()),
                Arguments.of("header lines", OK, "X: y\r\n"),
                Arguments.of("a header line", OK + "X: ", "y"),
                Arguments.of("the folds of a header line", OK + "X: y\r\n", " \r\n"),
                Arguments.of("a chunk's size", CHUNKED, "0"),
                Arguments.of("a chunk's extension", CHUNKED + "1;", "x"),
                Arguments.of("chunks with long extensions", CHUNKED, "1;" + "x".repeat(8000) + "\r\n \r\n"),
                Arguments.of("chunks of a byte", CHUNKED, "1\r\n \r\n"),
                Arguments.of("trailers", CHUNKED + "0\r\n", "X: y\r\n"),
                Arguments.of("a trailer", CHUNKED + "0\r\nX: ", "y"),
                Arguments.of("a body up to the connection's end", OK + "\r\n", " "));
    }

    /** An interim answer with as many and as long lines as are allowed. The first one alone exceeds the limit. */
    private static String longestInterim() {
        return "HTTP/1.1 103 Early Hints\r\n" + ("X: " + "y".repeat(8000) + "\r\n").repeat(98) + "\r\n";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void withoutEnd(String what, String begins, String goesOn) {
        first = begins;
        repeated = goesOn;
        start(Map.of());

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
        assertEnded();
        assertProfile(service.get("/profiles/warm"), "warm");
    }

    @Test
    void eightInterimAnswersAreRead() {
        assertProfile(getBehindInterim(8), "ada");
    }

    @Test
    void nineInterimAnswersAreABadResponseThatSaysSo() {
        Response response = getBehindInterim(9);

        assertProblem(response, 502, "bad-response", "posts");
        assertThat(response.json().path("detail").asString())
                .isEqualTo("The posts backend sent more than 8 interim answers.");
    }

    private Response getBehindInterim(int count) {
        try (FakeBackend posts =
                FakeBackend.start(call -> call.send(EARLY_HINTS.repeat(count) + Call.jsonAnswer(call.goodBody())))) {
            start(Map.of("backends.posts.base-uri", posts.baseUri()));
            // The second request shows that a reused connection counts anew.
            service.get("/profiles/ada");
            return service.get("/profiles/ada");
        }
    }

    @Test
    void moreThanTheBodyAndTheHeadMayHaveIsABadResponseThatSaysSo() {
        first = CHUNKED;
        repeated = "1;" + "x".repeat(8000) + "\r\n \r\n";
        start(Map.of());

        assertThat(service.get("/profiles/ada").json().path("detail").asString())
                .isEqualTo("The posts backend sent too many bytes around its body.");
    }

    /** The limit counts each answer alone. */
    @Test
    void aConnectionCarriesMoreThanOneAnswerMay() {
        String padding = " ".repeat(95_000);
        try (FakeBackend posts = FakeBackend.start(call -> call.json(call.goodBody() + padding))) {
            start(Map.of("backends.posts.base-uri", posts.baseUri(), "backends.posts.max-body", "100000"));

            for (int i = 0; i < 10; i++) {
                assertProfile(service.get("/profiles/ada"), "ada");
            }
            assertThat(posts.accepted()).isEqualTo(1);
        }
    }

    /** Reading up to the limit takes far longer than the deadline, so here the deadline ends the call. */
    @ParameterizedTest
    @ValueSource(strings = {"backends.posts.timeout", "deadline.default"})
    void theDeadlineEndsACallThatNeverWaits(String limit) {
        first = CHUNKED;
        repeated = "1\r\n \r\n";
        Map<String, String> settings = new HashMap<>(Map.of("backends.posts.max-body", Integer.toString(64 << 20)));
        settings.put(limit, "PT0.1S");
        start(settings);
        Await.until(
                "it has answered once in time",
                () -> service.get("/profiles/warm").status() == 200);

        Response response = service.get("/profiles/ada");

        assertThat(response.status()).as(response.body()).isEqualTo(504);
        assertEnded();
    }
}
