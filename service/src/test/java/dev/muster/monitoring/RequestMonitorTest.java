package dev.muster.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.AnswerKind;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Scrape;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each request leaves a line in the log and a count in the metrics, with any answer. */
class RequestMonitorTest {
    private static EveryAnswer answers;
    private static CapturedLog log;

    @BeforeAll
    static void start() {
        log = new CapturedLog();
        answers = new EveryAnswer();
    }

    @AfterAll
    static void stop() {
        answers.close();
        log.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyAnswerIsLoggedWithWhatItWas(AnswerKind kind) {
        RawConnection.Response response = answers.ask(kind);

        Map<String, Object> line = log.line(response).fields();
        assertThat(line).containsEntry("status", kind.status());
        assertThat(line.get("problem")).isEqualTo(kind.type());
        assertThat(line.containsKey("userMs")).isEqualTo(kind.comesToBackends());
    }

    @ParameterizedTest
    @EnumSource
    void everyAnswerIsCountedOnceAndLoggedOnce(AnswerKind kind) {
        Scrape before = Scrape.of(answers.service(kind));
        RawConnection.Response response = answers.ask(kind);
        // The log line is written after the request is counted.
        log.line(response);
        Scrape after = Scrape.of(answers.service(kind));

        Map<String, String> status = Map.of("http_response_status_code", Integer.toString(kind.status()));
        assertThat(requests(after, Map.of())).isEqualTo(requests(before, Map.of()) + 1);
        assertThat(requests(after, status)).isEqualTo(requests(before, status) + 1);
        assertThat(after.sum("http_server_active_requests", Map.of())).isZero();
        assertThat(log.remaining()).isEmpty();
    }

    private static double requests(Scrape scrape, Map<String, String> labels) {
        return scrape.sum("http_server_request_duration_seconds_count", labels);
    }
}
