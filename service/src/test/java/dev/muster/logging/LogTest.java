package dev.muster.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.AnswerKind;
import dev.muster.testing.BackendNames;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The log line of each request, in both formats, even for hostile requests. */
class LogTest {
    private static final String ONE_TEXT_LINE = "[\\x20-\\x7e\\x{fffd}]*\\n";
    private static final String ONE_JSON_LINE = "\\{[\\x20-\\x7e]*}\\n";

    private static EveryAnswer answers;
    private static Service service;
    private static CapturedLog log;

    @BeforeAll
    static void start() {
        log = new CapturedLog();
        answers = new EveryAnswer();
        service = answers.service(AnswerKind.GOOD);
    }

    @AfterAll
    static void stop() {
        answers.close();
        log.close();
    }

    @Test
    void aGoodAnswersLineSaysWhatWasAskedAndHowLongItTook() {
        CapturedLog.Line line = log.line(service.get(
                "/profiles/ada?secret=1",
                "X-Request-Id: r-1",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "Authorization: Bearer secret",
                "User-Agent: secret"));

        assertThat(line.record().getLevel()).isEqualTo(Level.INFO);
        assertThat(line.record().getMessage()).isEqualTo("request");
        Map<String, Object> fields = line.fields();
        List<String> names = new ArrayList<>(
                List.of("method", "path", "status", "durationMs", "requestId", "traceId", "deadlineMs"));
        names.addAll(durationsOfCalls());
        assertThat(fields.keySet()).containsExactlyElementsOf(names);
        assertThat(fields)
                .containsEntry("method", "GET")
                .containsEntry("path", "/profiles/ada")
                .containsEntry("status", 200)
                .containsEntry("requestId", "r-1")
                .containsEntry("deadlineMs", 60_000.0)
                .containsEntry("traceId", "0af7651916cd43dd8448eb211c80319c");
        assertThat((Double) fields.get("durationMs")).isGreaterThanOrEqualTo((Double) fields.get("userMs"));
        assertThat(line.text() + line.json()).doesNotContain("secret");
    }

    @Test
    void aFailuresLineNamesTheProblemAndWhatBecameOfEachBackend() {
        Map<String, Object> fields =
                log.line(answers.ask(AnswerKind.OVERLOADED)).fields();

        assertThat(fields)
                .containsEntry("posts", "rejected")
                .containsEntry("problem", "overloaded")
                .containsEntry("detail", "The posts backend rejected the call with status 503.")
                .containsKeys(durationsOfCalls().toArray(String[]::new));
    }

    private static List<String> durationsOfCalls() {
        return BackendNames.LABELS.stream().map(name -> name + "Ms").toList();
    }

    @Test
    void theExceptionThatClientsAreNotToldIsInTheLine() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        Map<String, String> settings = Map.of("backends.user.base-uri", "http://127.0.0.1:" + closed);
        try (Service unreachable = Service.start(answers.backends().baseUri(), settings)) {
            RawConnection.Response response = unreachable.get("/profiles/ada");

            Map<String, Object> fields = log.line(response).fields();
            assertThat(fields).containsEntry("problem", "backend-failed").containsEntry("user", "unavailable");
            assertThat((String) fields.get("exception"))
                    .startsWith("ConnectException: ")
                    .contains("refused");
            assertThat(response.body()).doesNotContain("refused", "ConnectException");
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyLineIsOneLineOfPrintableText(AnswerKind kind) {
        CapturedLog.Line line = log.line(answers.ask(kind));

        assertThat(line.text()).matches(ONE_TEXT_LINE);
        assertThat(line.text()).contains(" INFO request method=", " status=" + kind.status() + " durationMs=");
    }

    @ParameterizedTest
    @EnumSource
    void everyLineIsOneJsonObjectWithTheSameFields(AnswerKind kind) {
        CapturedLog.Line line = log.line(answers.ask(kind));

        assertThat(line.json()).matches(ONE_JSON_LINE);
        JsonNode json = line.parsed();
        assertThat(json.path("level").stringValue()).isEqualTo("INFO");
        assertThat(json.path("logger").stringValue()).isEqualTo("dev.muster.access");
        assertThat(json.path("message").stringValue()).isEqualTo("request");
        assertThat(json.path("time").stringValue()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
        assertThat(json.path("status").isInt()).isTrue();
        assertThat(json.path("durationMs").isDouble()).isTrue();
        assertThat(json.propertyNames())
                .containsSubsequence("time", "level", "logger", "message")
                .containsAll(line.fields().keySet())
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%0a",
                "/%0d%0a12:00:00.000%20INFO%20request",
                "/%1b%5b31m",
                "/%00",
                "/%e2%80%ae",
                "/profiles/%0aevil",
                "/=",
                "/'",
                "/a;b=c",
                "/\"",
                "/\\",
                "/\u001b[31mred",
                "//host/x"
            })
    void aHostilePathIsOneLine(String path) {
        CapturedLog.Line line = log.line(service.get(path));

        assertThat(line.text()).matches(ONE_TEXT_LINE);
        assertThat(line.json()).matches(ONE_JSON_LINE);
        assertThat(line.parsed().path("path").stringValue()).isEqualTo(path);
    }

    static IntStream rawBytes() {
        return IntStream.concat(IntStream.range(0x00, 0x20), IntStream.range(0x7f, 0x100));
    }

    @ParameterizedTest
    @MethodSource("rawBytes")
    void aRawByteInAPathIsNotRaw(int raw) {
        CapturedLog.Line line = log.line(service.get("/a" + (char) raw + "b"));

        assertThat(line.text()).matches(ONE_TEXT_LINE);
        assertThat(line.json()).matches(ONE_JSON_LINE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"User-Agent: \u001b[2J", "X-Request-Id: a\u0007", "Accept: \u009b31m", "\u001b[31m: x"})
    void aHostileHeaderIsOneLine(String header) {
        CapturedLog.Line line = log.line(service.get("/profiles/ada", header));

        assertThat(line.text()).matches(ONE_TEXT_LINE);
        assertThat(line.json()).matches(ONE_JSON_LINE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "GET", "GET /", "\u0000\u0001\u0002", "GET / ICAP/1.0", "\u0016\u0003\u0001\u0002"})
    void whatIsNoRequestLineIsOneLine(String first) {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.sendRaw(first + "\r\n\r\n");
            RawConnection.Response response = connection.read("GET");

            CapturedLog.Line line = log.line(response);
            assertThat(response.status()).isEqualTo(400);
            assertThat(line.fields()).containsEntry("status", 400).containsEntry("problem", "bad-request");
            assertThat(line.text()).matches(ONE_TEXT_LINE);
            assertThat(line.json()).matches(ONE_JSON_LINE);
        }
    }
}
