package dev.muster.backend;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.BackendNames;
import dev.muster.testing.Backends;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client gets for each status of a backend. */
class StatusesTest {
    private final Backends backends = Backends.fresh().serve("ada");
    private Service service;

    @BeforeEach
    void start() {
        service = Service.start(backends.baseUri());
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @CsvSource({
        "201, 502, bad-response",
        "204, 502, bad-response",
        "206, 502, bad-response",
        "300, 502, bad-response",
        "304, 502, bad-response",
        "400, 502, bad-response",
        "401, 502, bad-response",
        "403, 502, bad-response",
        "407, 502, bad-response",
        "408, 502, bad-response",
        "410, 502, bad-response",
        "418, 502, bad-response",
        "429, 503, overloaded",
        "499, 502, bad-response",
        "500, 502, backend-failed",
        "501, 502, backend-failed",
        "502, 502, backend-failed",
        "503, 503, overloaded",
        "504, 502, backend-failed",
        "599, 502, backend-failed"
    })
    void aStatusBecomesOneOfOurs(int theirs, int ours, String type) {
        for (String name : BackendNames.LABELS) {
            Backends.fresh().serve("ada").answer(name, "ada", theirs);

            assertProblem(service.get("/profiles/ada"), ours, type, name);
        }
    }

    @Test
    void a404OfTheUserIs404() {
        backends.answer("user", "ada", 404);

        assertProblem(service.get("/profiles/ada"), 404, "user-not-found", "user");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsNotFollowed(int status) {
        backends.wireMock().stubFor(get(urlEqualTo("/moved")).willReturn(okJson(GoodBodies.user("ada"))));
        backends.answer(
                "user", "ada", aResponse().withStatus(status).withHeader("Location", backends.baseUri() + "/moved"));

        Response response = service.get("/profiles/ada");

        assertProblem(response, 502, "bad-response", "user");
        assertThat(response.header("Location")).isNull();
        backends.wireMock().verify(0, getRequestedFor(urlEqualTo("/moved")));
        backends.wireMock().verify(getRequestedFor(anyUrl()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7                              | 7",
                "0                              | 0",
                "86400                          | 86400",
                "Thu, 31 Dec 2099 23:59:59 GMT  | Thu, 31 Dec 2099 23:59:59 GMT",
                "soon                           | 1",
                "-1                             | 1",
                "1.5                            | 1",
                "12345678901234567890           | 1",
                "7, 8                           | 1",
                "Thu, 31 Dec 2099               | 1",
                "Mon, 31 Dec 2099 23:59:59 GMT  | 1"
            })
    void aValidRetryAfterIsPassedOn(String theirs, String ours) {
        for (int status : new int[] {429, 503}) {
            backends.answer("posts", "ada", aResponse().withStatus(status).withHeader("Retry-After", theirs));

            Response response = service.get("/profiles/ada");

            assertProblem(response, 503, "overloaded", "posts");
            assertThat(response.header("Retry-After")).isEqualTo(ours);
        }
    }

    @Test
    void withoutARetryAfterTheClientIsToldToWaitASecond() {
        backends.answer("posts", "ada", 429);

        assertThat(service.get("/profiles/ada").header("Retry-After")).isEqualTo("1");
    }
}
