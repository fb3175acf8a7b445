package dev.muster.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.AnswerKind;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Backends;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The time of each backend in Server-Timing (W3C Server Timing). */
class ServerTimingTest {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    /** {@code metric-name *( OWS ";" OWS param-name OWS "=" OWS ( token / quoted-string ) )} */
    private static final Pattern METRIC =
            Pattern.compile("(" + TOKEN + ")((?:\\s*;\\s*" + TOKEN + "\\s*=\\s*(?:" + TOKEN + "|\"[^\"\\\\]*\"))*)");

    private static final Pattern PARAMETER = Pattern.compile(";(" + TOKEN + ")=(?:(" + TOKEN + ")|\"([^\"]*)\")");
    private static final Pattern MILLIS = Pattern.compile("[0-9]+\\.[0-9]{3}");

    private static EveryAnswer answers;

    @BeforeAll
    static void start() {
        answers = new EveryAnswer();
    }

    @AfterAll
    static void stop() {
        answers.close();
    }

    /** One entry of the header. */
    private record Metric(double duration, String description) {}

    private static Map<String, Metric> metrics(RawConnection.Response response) {
        Map<String, Metric> metrics = new LinkedHashMap<>();
        for (String entry : response.header("Server-Timing").split(", ", -1)) {
            Matcher metric = METRIC.matcher(entry);
            assertThat(metric.matches()).as(entry).isTrue();
            Map<String, String> parameters = new LinkedHashMap<>();
            PARAMETER
                    .matcher(metric.group(2))
                    .results()
                    .forEach(parameter -> parameters.put(
                            parameter.group(1), parameter.group(2) == null ? parameter.group(3) : parameter.group(2)));
            assertThat(parameters.get("dur")).matches(MILLIS);
            metrics.put(metric.group(1), new Metric(Double.parseDouble(parameters.get("dur")), parameters.get("desc")));
        }
        return metrics;
    }

    @Test
    void eachBackendAndTheWholeHaveATime() {
        Map<String, Metric> metrics = metrics(answers.ask(AnswerKind.GOOD));

        assertThat(metrics.keySet()).containsExactlyElementsOf(BackendNames.and("total"));
        assertThat(metrics.values()).extracting(Metric::description).containsOnlyNulls();
        assertThat(metrics.values()).allSatisfy(metric -> {
            assertThat(metric.duration()).isPositive();
            assertThat(metric.duration())
                    .isLessThanOrEqualTo(metrics.get("total").duration());
        });
    }

    @ParameterizedTest
    @EnumSource
    void timesAreThereWhereTheRequestCameToItsBackends(AnswerKind kind) {
        assertThat(answers.ask(kind).headers().containsKey("server-timing")).isEqualTo(kind.comesToBackends());
    }

    @ParameterizedTest
    @CsvSource({
        "UNAUTHORIZED, user, denied",
        "FORBIDDEN, user, denied",
        "USER_NOT_FOUND, user, not-found",
        "BACKEND_FAILED, posts, unavailable",
        "BAD_RESPONSE, user, bad-response",
        "OVERLOADED, posts, rejected",
        "TIMED_OUT, friends, timed-out",
        "NO_TIME, user, cancelled: deadline"
    })
    void theBackendThatFailedSaysHow(AnswerKind kind, String backend, String description) {
        Map<String, Metric> metrics = metrics(answers.ask(kind));

        assertThat(metrics.keySet()).containsExactlyElementsOf(BackendNames.and("total"));
        assertThat(metrics.get(backend).description()).isEqualTo(description);
        assertThat(metrics.get("total").description()).isNull();
    }

    @Test
    void aBackendThatWasCancelledSaysWhy() throws IOException {
        Backends backends = answers.backends().serve("half");
        backends.answer("user", "half", 500);
        // The system accepts connections here; no answer comes.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Service service = Service.start(
                        backends.baseUri(),
                        Map.of(
                                "backends.posts.base-uri", "http://127.0.0.1:" + silent.getLocalPort(),
                                "backends.friends.base-uri", "http://127.0.0.1:" + silent.getLocalPort()))) {
            RawConnection.Response response = service.get("/profiles/half");

            assertThat(response.status()).isEqualTo(502);
            Map<String, Metric> metrics = metrics(response);
            assertThat(metrics.get("user").description()).isEqualTo("unavailable");
            assertThat(metrics.get("posts").description()).isEqualTo("cancelled: sibling-failed");
            assertThat(metrics.get("friends").description()).isEqualTo("cancelled: sibling-failed");
        }
    }
}
