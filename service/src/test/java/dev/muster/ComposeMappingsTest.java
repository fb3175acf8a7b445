package dev.muster;

import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the service makes of the users that WireMock has in deploy/compose: the test loads the very files. */
class ComposeMappingsTest {
    private static final Path WIREMOCK = Path.of("..", "deploy", "compose", "wiremock");
    private static final JsonMapper JSON = new JsonMapper();
    private static final String LENIENT = "Prefer: handling=lenient";

    private static WireMockServer backends;
    private static Service service;

    @BeforeAll
    static void start() {
        backends = new WireMockServer(options()
                .dynamicPort()
                .bindAddress("127.0.0.1")
                .containerThreads(64)
                .usingFilesUnderDirectory(WIREMOCK.toString()));
        backends.start();
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
    }

    private static List<String> known() throws IOException {
        try (Stream<Path> users = Files.list(WIREMOCK.resolve("__files/users"))) {
            return users.map(file -> file.getFileName().toString().replace(".json", ""))
                    .filter(id -> !id.equals("anybody"))
                    .toList();
        }
    }

    private static JsonNode file(String backend, String id) throws IOException {
        return JSON.readTree(
                Files.readString(WIREMOCK.resolve("__files").resolve(backend).resolve(id + ".json")));
    }

    private static String member(JsonNode list, String name) {
        return list.valueStream().map(one -> one.path(name).asString()).toList().toString();
    }

    @ParameterizedTest
    @MethodSource("known")
    void whoHasFilesHasTheProfileThatIsInThem(String id) throws IOException {
        RawConnection.Response response = service.get("/profiles/" + id);

        assertThat(response.status()).as(response.body()).isEqualTo(200);
        JsonNode profile = response.json();
        assertThat(profile.at("/user/name")).isEqualTo(file("users", id).path("name"));
        assertThat(member(profile.path("posts"), "body")).isEqualTo(member(file("posts", id), "body"));
        assertThat(profile.path("friends")).isEqualTo(file("friends", id)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("known")
    void friendsOfWhoHasFilesCanBeAskedForInTurn(String id) throws IOException {
        for (JsonNode friend : file("friends", id)) {
            RawConnection.Response response =
                    service.get("/profiles/" + friend.path("id").asString());

            assertThat(response.status()).as(response.body()).isEqualTo(200);
        }
    }

    @Test
    void anybodyElseIsMadeUp() {
        RawConnection.Response response = service.get("/profiles/load-17_x");

        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.header("Profile-Complete")).isEqualTo("true");
        assertThat(response.json().at("/user/id").asString()).isEqualTo("load-17_x");
        assertThat(member(response.json().path("posts"), "id")).isEqualTo("[load-17_x-1, load-17_x-2]");
        assertThat(response.json().path("friends")).isNotEmpty();
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
                .hasSizeGreaterThan(8)
                .allSatisfy(mapping -> assertThat(asked).contains(mapping.getName()));
        assertThat(backends.findAllUnmatchedRequests()).isEmpty();
    }
}
