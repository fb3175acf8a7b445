package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a call sends to a backend besides the id. */
class HeadersOutTest {
    private static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final FakeBackend backend = FakeBackend.start(Call::answerWell);
    private Service service;

    private void start(Map<String, String> settings) {
        service = Service.start(backend.baseUri(), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    @Test
    void theTimeThatRemainsIsToldToEachBackend() {
        start(Map.of(
                "deadline.default", "PT5S",
                "deadline.reserve", "PT1S",
                "backends.user.timeout", "PT2S",
                "backends.posts.timeout", "PT3S"));

        service.get("/profiles/ada");

        assertThat(timeoutToldTo("user")).isBetween(1, 2000);
        assertThat(timeoutToldTo("posts")).isBetween(1, 3000);
        assertThat(timeoutToldTo("friends")).isBetween(1, 4000);
    }

    private int timeoutToldTo(String name) {
        return Integer.parseInt(
                call(name).headers("x-envoy-expected-rq-timeout-ms").getFirst());
    }

    @Test
    void everyCallNamesItsHostWithThePort() {
        start(Map.of());

        service.get("/profiles/ada");

        assertOnAllCalls("Host", "127.0.0.1:" + backend.port());
    }

    @Test
    void everyCallAsksForJson() {
        start(Map.of());

        service.get("/profiles/ada", "Accept: application/*;q=0.5", "Accept-Encoding: gzip");

        assertOnAllCalls("Accept", "application/json");
        assertOnAllCalls("Accept-Encoding");
    }

    @Test
    void theRequestIdGoesToEveryBackend() {
        start(Map.of());

        service.get("/profiles/ada", "X-Request-Id: my-id.7_");

        assertOnAllCalls("X-Request-Id", "my-id.7_");
    }

    @Test
    void aRequestIdThatIsMadeGoesToEveryBackendAndToTheClient() {
        start(Map.of());

        Response response = service.get("/profiles/ada", "X-Request-Id: not valid");

        assertThat(response.header("X-Request-Id")).matches("[0-9a-f]{16}");
        assertOnAllCalls("X-Request-Id", response.header("X-Request-Id"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "congo=t61rcWkgMzE",
                "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
                "rojo=00f067aa0ba902b7 , congo=t61rcWkgMzE",
                "tenant@vendor=a:b;c d"
            })
    void aValidTraceIsPassedOnUnchanged(String tracestate) {
        start(Map.of());

        service.get("/profiles/ada", "traceparent: " + TRACEPARENT, "tracestate: " + tracestate);

        assertOnAllCalls("traceparent", TRACEPARENT);
        assertOnAllCalls("tracestate", tracestate);
    }

    @Test
    void tracestatesOfSeveralLinesAreJoinedInTheirOrder() {
        start(Map.of());

        service.get("/profiles/ada", "traceparent: " + TRACEPARENT, "tracestate: b=2", "tracestate: a=1");

        assertOnAllCalls("tracestate", "b=2,a=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra"
            })
    void anInvalidTraceparentIsDroppedTogetherWithTheTracestate(String traceparent) {
        start(Map.of());

        service.get("/profiles/ada", "traceparent: " + traceparent, "tracestate: a=1");

        assertOnAllCalls("traceparent");
        assertOnAllCalls("tracestate");
    }

    @Test
    void twoTraceparentsAreDropped() {
        start(Map.of());

        service.get("/profiles/ada", "traceparent: " + TRACEPARENT, "traceparent: " + TRACEPARENT);

        assertOnAllCalls("traceparent");
    }

    @Test
    void anInvalidTracestateIsDroppedAlone() {
        start(Map.of());

        service.get("/profiles/ada", "traceparent: " + TRACEPARENT, "tracestate: no equals sign");

        assertOnAllCalls("traceparent", TRACEPARENT);
        assertOnAllCalls("tracestate");
    }

    @Test
    void noHeaderOfTheClientGoesToABackendThatDoesNotListIt() {
        start(Map.of("backends.posts.forward-headers", "Authorization,X-Tenant"));

        service.get("/profiles/ada", "authorization: Bearer token", "x-tenant: t1", "X-Other: o", "Cookie: a=b");

        assertThat(call("posts").headers("Authorization")).containsExactly("Bearer token");
        assertThat(call("posts").headers("X-Tenant")).containsExactly("t1");
        for (String name : BackendNames.without("posts")) {
            assertThat(call(name).headers("Authorization")).isEmpty();
            assertThat(call(name).headers("X-Tenant")).isEmpty();
        }
        assertOnAllCalls("X-Other");
        assertOnAllCalls("Cookie");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Digest username=\"ada\", realm=\"a, b\", nonce=\"n\", uri=\"/\"",
                "Bearer a.b-c_d~e+f/g==",
                "Basic YWRhOmxvdmVsYWNl"
            })
    void aForwardedHeaderGoesOutAsItCame(String credentials) {
        start(Map.of("backends.user.forward-headers", "Authorization"));

        service.get("/profiles/ada", "Authorization: " + credentials);

        assertThat(call("user").headers("Authorization")).containsExactly(credentials);
    }

    @Test
    void aForwardedHeaderOfSeveralLinesKeepsThem() {
        start(Map.of("backends.user.forward-headers", "X-Tag"));

        service.get("/profiles/ada", "X-Tag: a, b", "X-Tag: c");

        assertThat(call("user").headers("X-Tag")).containsExactly("a, b", "c");
    }

    static Stream<Arguments> basePaths() {
        return Stream.of(
                Arguments.of("", ""),
                Arguments.of("/", ""),
                Arguments.of("/api/v1", "/api/v1"),
                Arguments.of("/api/v1/", "/api/v1"),
                Arguments.of("/with%20space/%C3%A9", "/with%20space/%C3%A9"));
    }

    @ParameterizedTest
    @MethodSource("basePaths")
    void theBaseUrisPathComesBeforeTheResource(String path, String prefix) {
        start(Map.of(
                "backends.user.base-uri", backend.baseUri() + path,
                "backends.posts.base-uri", backend.baseUri() + path));

        service.get("/profiles/ada_B-1");

        assertThat(call("user").target()).isEqualTo(prefix + "/users/ada_B-1");
        assertThat(call("posts").target()).isEqualTo(prefix + "/posts?userId=ada_B-1");
        assertThat(call("friends").target()).isEqualTo("/friends?userId=ada_B-1");
    }

    private Call call(String name) {
        assertThat(backend.calls()).hasSize(BackendNames.CALLS_OF_A_REQUEST);
        return backend.calls().stream()
                .filter(call -> call.isFor(name))
                .findFirst()
                .orElseThrow();
    }

    private void assertOnAllCalls(String header, String... values) {
        assertThat(backend.calls())
                .hasSize(BackendNames.CALLS_OF_A_REQUEST)
                .allSatisfy(call -> assertThat(call.headers(header)).containsExactly(values));
    }
}
