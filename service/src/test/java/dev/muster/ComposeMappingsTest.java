package dev.muster;

import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import dev.muster.demo.DemoBackends;
import dev.muster.testing.Batches;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The service against WireMock and the demo backends behind it, as in deploy/compose. The test loads the same mappings.
 */
class ComposeMappingsTest {
    private static final Path MAPPINGS = Path.of("..", "deploy", "compose", "wiremock", "mappings");
    private static final String LENIENT = "Prefer: handling=lenient";

    private static DemoBackends people;
    private static WireMockServer backends;
    private static Service service;

    @BeforeAll
    static void start() throws IOException {
        people = DemoBackends.start("127.0.0.1", 0);
        backends = new WireMockServer(
                options().dynamicPort().bindAddress("127.0.0.1").containerThreads(64));
        backends.start();
        try (Stream<Path> mappings = Files.list(MAPPINGS)) {
            for (Path mapping : mappings.toList()) {
                String json = Files.readString(mapping).replace("http://people:9100", people.baseUri());
                backends.addStubMapping(StubMapping.buildFrom(json));
            }
        }
        service = Service.start(backends.baseUrl());
    }

    @BeforeEach
    void forget() {
        backends.resetRequests();
    }

    @AfterAll
    static void stop() {
        service.close();
        backends.stop();
        people.close();
    }

    private static String member(JsonNode list, String name) {
        return list.valueStream().map(one -> one.path(name).asString()).toList().toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ada", "grace", "load-17", "posts-n10_ada"})
    void peopleAreThoseOfTheDemoBackends(String id) {
        RawConnection.Response response = service.get("/profiles/" + id);

        assertThat(response.status()).as(response.body()).isEqualTo(200);
        try (Service direct = Service.start(people.baseUri())) {
            assertThat(response.body()).isEqualTo(direct.get("/profiles/" + id).body());
        }
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void thePostsOfAFaultyUserFail(String id) {
        assertProblem(service.get("/profiles/" + id), 502, "backend-failed", "posts");

        RawConnection.Response partial = service.get("/profiles/" + id, LENIENT);
        assertThat(partial.status()).as(partial.body()).isEqualTo(200);
        assertThat(partial.header("Profile-Complete")).isEqualTo("false");
        assertThat(partial.json().has("posts")).isFalse();
        assertThat(partial.json().path("friends")).isNotEmpty();
        assertThat(member(partial.json().path("errors"), "backend")).isEqualTo("[posts]");
    }

    private static List<String> faulty() {
        return List.of("faulty", "faulty-7");
    }

    @ParameterizedTest
    @MethodSource("slow")
    void theFriendsOfASlowUserTakeLongerThanACallMayByDefault(String id) {
        try (Service byDefault = Service.start(backends.baseUrl(), Map.of("backends.friends.timeout", "PT0.8S"))) {
            assertProblem(byDefault.get("/profiles/" + id), 504, "deadline-exceeded", "friends");

            RawConnection.Response partial = byDefault.get("/profiles/" + id, LENIENT);
            assertThat(partial.status()).as(partial.body()).isEqualTo(200);
            assertThat(partial.json().path("posts")).isNotEmpty();
            assertThat(member(partial.json().path("errors"), "backend")).isEqualTo("[friends]");
        }
    }

    private static List<String> slow() {
        return List.of("slow", "slow-7");
    }

    @Test
    void nobodyDoesNotExist() {
        RawConnection.Response response = service.get("/profiles/nobody");

        assertThat(response.status()).as(response.body()).isEqualTo(404);
        assertThat(response.json().path("type").asString()).isEqualTo("/problems/user-not-found");
    }

    @Test
    void aBatchHasEachOfThemForItself() {
        JsonNode batch = Batches.post(service, Batches.body("ada", "somebody", "faulty", "nobody"))
                .json();

        assertThat(member(batch.path("results"), "id")).isEqualTo("[ada, somebody, faulty, nobody]");
        assertThat(member(batch.path("results"), "status")).isEqualTo("[200, 200, 200, 404]");
        assertThat(batch.at("/results/0/profile/user/name").asString()).isEqualTo("Ada Lovelace");
        assertThat(batch.at("/results/2/profile").has("posts")).isFalse();
    }

    @Test
    void everyMappingHasAUserForWhomItIsAsked() {
        for (String id : List.of("ada", "somebody", "faulty", "slow", "nobody")) {
            service.get("/profiles/" + id, LENIENT, "x-envoy-expected-rq-timeout-ms: 2000");
        }

        List<String> asked = backends.getAllServeEvents().stream()
                .map(ServeEvent::getStubMapping)
                .map(StubMapping::getName)
                .toList();
        assertThat(backends.getStubMappings())
                .hasSize(3)
                .allSatisfy(mapping -> assertThat(asked).contains(mapping.getName()));
        assertThat(backends.findAllUnmatchedRequests()).isEmpty();
    }
}
