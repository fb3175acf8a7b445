package dev.muster.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The id of a request: the client's own if it is safe to repeat, else a new one. */
class RequestIdTest {
    private static final String MADE = "[0-9a-f]{16}";

    private final Backends backends = Backends.fresh().serve("ada");
    private final Service service = Service.start(backends.baseUri());
    private CapturedLog log;

    @BeforeEach
    void capture() {
        log = new CapturedLog();
    }

    @AfterEach
    void stop() {
        service.close();
        log.close();
    }

    private void assertBackendsWereTold(String requestId) {
        assertThat(backends.wireMock().getAllServeEvents())
                .hasSize(BackendNames.CALLS_OF_A_REQUEST)
                .allSatisfy(event -> assertThat(
                                event.getRequest().header("X-Request-Id").values())
                        .containsExactly(requestId));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "checkout-7f3a",
                "A.b_c-9",
                "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void aValidIdIsTaken(String given) {
        RawConnection.Response response = service.get("/profiles/ada", "X-Request-Id: " + given);

        assertThat(response.header("X-Request-Id")).isEqualTo(given);
        assertThat(log.line(given).fields()).containsKey("status");
        assertBackendsWereTold(given);
    }

    @Test
    void anIdIsMadeWhereThereIsNone() {
        RawConnection.Response response = service.get("/profiles/ada");

        String made = response.header("X-Request-Id");
        assertThat(made).matches(MADE);
        assertThat(log.line(made).fields()).containsKey("status");
        assertBackendsWereTold(made);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a\tb",
                "a/b",
                "a,b",
                "a\"b",
                "a=b",
                "\u00e9",
                "%0d%0aX-Evil: 1",
                "01234567890123456789012345678901234567890123456789012345678901234"
            })
    void anIdThatIsNotValidIsReplaced(String given) {
        RawConnection.Response response = service.get("/profiles/ada", "X-Request-Id: " + given);

        String made = response.header("X-Request-Id");
        assertThat(made).matches(MADE);
        assertThat(log.line(made).fields()).containsKey("status");
        assertBackendsWereTold(made);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n X-Evil", "a\u0000b", "a\u001b[31m", "a\u007f"})
    void anIdWithALineEndOrAControlCharacterIsNotHttp(String given) {
        RawConnection.Response response = service.get("/profiles/ada", "X-Request-Id: " + given);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.header("X-Request-Id")).matches(MADE);
        assertThat(response.headers()).doesNotContainKey("x-evil");
    }

    @Test
    void aProblemHasTheIdToo() {
        RawConnection.Response response = service.get("/nowhere", "X-Request-Id: mine");

        assertThat(response.header("X-Request-Id")).isEqualTo("mine");
        assertThat(response.json().path("requestId").stringValue()).isEqualTo("mine");
    }

    @Test
    void aProblemBeforeTheRouteHasTheIdToo() {
        RawConnection.Response response =
                service.get("/profiles/ada", "X-Request-Id: mine", "Content-Length: 99999999");

        assertThat(response.status()).isEqualTo(413);
        assertThat(response.header("X-Request-Id")).isEqualTo("mine");
        assertThat(response.json().path("requestId").stringValue()).isEqualTo("mine");
        assertThat(log.line("mine").fields()).containsKey("status");
    }

    @Test
    void madeIdsDiffer() {
        Set<String> made = new HashSet<>();
        try (RawConnection connection = new RawConnection(service.port())) {
            for (int i = 0; i < 100; i++) {
                connection.send("GET", "/nowhere");
                made.add(connection.read("GET").header("X-Request-Id"));
            }
        }
        assertThat(made).hasSize(100);
    }
}
