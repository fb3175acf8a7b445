package dev.muster.backend;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backend's 401 and 403 reach the client only if its own credentials are forwarded to that backend. */
class DeniedTest {
    private static final Map<String, String> FORWARDED =
            Map.of("backends.posts.forward-headers", "X-Tenant,authorization");

    private volatile String denial = "";
    private final FakeBackend backend = FakeBackend.start(this::deny);
    private Service service;

    private void deny(Call call) throws Exception {
        if (call.isFor("posts")) {
            call.send(denial);
        } else {
            call.answerWell();
        }
    }

    private void start(String denial, Map<String, String> settings) {
        this.denial = "HTTP/1.1 " + denial + "Content-Length: 0\r\n\r\n";
        service = Service.start(backend.baseUri(), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer realm=\"a, b\", error=\"invalid_token\"", "Basic realm=\"muster\""})
    void a401PassesThroughWithItsChallengeWhereAuthorizationIsForwarded(String challenge) {
        start("401 Unauthorized\r\nWWW-Authenticate: " + challenge + "\r\n", FORWARDED);

        Response response = service.get("/profiles/ada", "Authorization: Bearer token");

        assertProblem(response, 401, "unauthorized", "posts");
        assertThat(response.header("WWW-Authenticate")).isEqualTo(challenge);
    }

    @Test
    void allChallengesOfA401PassThrough() {
        start("401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=\"m\"\r\n", FORWARDED);

        Response response = service.get("/profiles/ada");

        assertThat(String.join(", ", response.headers().get("www-authenticate")))
                .isEqualTo("Negotiate, Basic realm=\"m\"");
    }

    @Test
    void a401WithoutAChallengePassesThroughToo() {
        start("401 Unauthorized\r\n", FORWARDED);

        assertProblem(service.get("/profiles/ada"), 401, "unauthorized", "posts");
    }

    @Test
    void aChallengeThatNoHeaderMayHoldDoesNotTurnTheAnswerIntoAnError() {
        start("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"caf\u00e9\u0001\"\r\n", FORWARDED);

        assertProblem(service.get("/profiles/ada"), 401, "unauthorized", "posts");
    }

    @Test
    void a403PassesThroughWhereAuthorizationIsForwarded() {
        start("403 Forbidden\r\nWWW-Authenticate: Basic\r\n", FORWARDED);

        assertProblem(service.get("/profiles/ada"), 403, "forbidden", "posts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"401 Unauthorized\r\nWWW-Authenticate: Basic\r\n", "403 Forbidden\r\n"})
    void bothAreBadGatewayWhereAuthorizationIsNotForwardedToThatBackend(String denial) {
        start(denial, Map.of("backends.user.forward-headers", "Authorization"));

        Response response = service.get("/profiles/ada", "Authorization: Bearer token");

        assertProblem(response, 502, "bad-response", "posts");
        assertThat(response.header("WWW-Authenticate")).isNull();
    }
}
