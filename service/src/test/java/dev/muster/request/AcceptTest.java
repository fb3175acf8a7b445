package dev.muster.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.connection.HttpViolation;
import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Content negotiation (RFC 9110 section 12.5.1) for a profile, which exists as application/json only. */
class AcceptTest {
    private static Backends backends;
    private static Service service;

    @BeforeAll
    static void start() {
        backends = Backends.fresh().serve("ada");
        service = Service.start(backends.baseUri());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void noAcceptIsContentWithAnything() {
        assertThat(service.get("/profiles/ada").header("Content-Type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept: */*",
                "Accept: application/json",
                "Accept: application/*",
                "Accept: text/html, */*;q=0.1",
                "Accept: application/json;q=0.001",
                "Accept: application/json; charset=utf-8",
                "Accept: application/json;q=1.000, text/html;q=0",
                "Accept: application/*;q=0, application/json",
                "Accept: */*;q=0, application/json;q=0.5",
                "ACCEPT: APPLICATION/JSON",
                "accept: Application/Json;Q=0.5",
                "Accept: text/plain;a=\"x,y\", application/json",
                "Accept: , ,application/json, ",
                "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
                "Accept: text/html\r\nAccept: application/json",
                "Accept:",
                "Accept: application/json;",
                "Accept: application/json;;",
                "Accept: application/json; ;q=0.5",
                "Accept: application/json;q=0.5;",
                "Accept: application/json;a=\"\\\"\",text/html;q=0",
                "Accept: application/json;a=\"",
            })
    void whatTakesJsonGetsJson(String header) {
        RawConnection.Response response = service.get("/profiles/ada", header);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept: text/html",
                "Accept: text/*",
                "Accept: application/xml, text/html",
                "Accept: application/json;q=0",
                "Accept: application/json;q=0, */*",
                "Accept: */*, application/json;q=0.000",
                "Accept: application/*;q=0, */*",
                "Accept: */*;q=0",
                "ACCEPT: APPLICATION/JSON;Q=0",
                "Accept: application/problem+json",
                "Accept: application/json;;q=0;",
                "Accept: */json",
                "Accept: text/html\r\nAccept: image/png",
            })
    void whatDoesNotTakeJsonGetsNothingAndCostsNoCall(String header) {
        backends.wireMock().resetRequests();

        RawConnection.Response response = service.get("/profiles/ada", header);

        assertThat(response.status()).isEqualTo(406);
        assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(response.json().path("detail").stringValue()).contains("application/json");
        assertThat(backends.calls()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "Accept: json > ACCEPT_RANGE",
                "Accept: ;;; > ACCEPT_RANGE",
                "Accept: / > ACCEPT_RANGE",
                "Accept: application/ > ACCEPT_RANGE",
                "Accept: application/json, nonsense > ACCEPT_RANGE",
                "Accept: application/json;a > ACCEPT_PARAMETER",
                "Accept: application/json;=a > ACCEPT_PARAMETER",
                "Accept: application/json;q=abc > ACCEPT_WEIGHT",
                "Accept: application/json;q= > ACCEPT_WEIGHT",
                "Accept: application/json;q=. > ACCEPT_WEIGHT",
                "Accept: application/json;q=0.1.1 > ACCEPT_WEIGHT",
                "Accept: application/json;q=2 > ACCEPT_WEIGHT",
                "Accept: application/json;q=-1 > ACCEPT_WEIGHT",
                "Accept: application/json;q=1e0 > ACCEPT_WEIGHT",
                "Accept: application/json;q=\" > ACCEPT_WEIGHT",
                "Accept: application/json;q=0.00000000000000000000000000001 > ACCEPT_WEIGHT",
                "Accept: application/json;q=NaN > ACCEPT_WEIGHT",
            })
    void whatCannotBeReadIsRefused(String header, HttpViolation why) {
        RawConnection.Response response = service.get("/profiles/ada", header);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/bad-request");
        assertThat(response.json().path("detail").stringValue()).isEqualTo(why.detail());
    }
}
