package dev.muster.profile;

import static dev.muster.testing.Answers.assertPart;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import dev.muster.testing.Soak;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Backends that answer just before, at and just after the deadline, each at its own time. Chance and the machine's
 * speed decide which answers are in time. In every case the client gets one answer, and a correct one.
 */
class AroundTheDeadlineTest {
    private static final int CONNECTIONS = 16;
    private static final int REQUESTS_EACH = 13;
    private static final int ROUNDS = Soak.times(1, 100);
    private static final String TIMEOUT_HEADER = "x-envoy-expected-rq-timeout-ms";
    private static final int DEADLINE_MILLIS = 100;
    private static final int SPREAD_MILLIS = 15;

    private final long seed = Long.getLong("muster.test.seed", System.nanoTime());
    /** By backend and id: the time of the backend's answer, relative to the deadline. */
    private final Map<String, Duration> offsets = new ConcurrentHashMap<>();

    private final Map<String, FakeBackend> backends = new HashMap<>();
    private final Service service = start();

    private Service start() {
        Map<String, String> settings = new HashMap<>();
        for (String name : BackendNames.LABELS) {
            FakeBackend backend = FakeBackend.start(this::answerAroundTheDeadline);
            backends.put(name, backend);
            settings.put("backends." + name + ".base-uri", backend.baseUri());
        }
        return Service.start(backends.get("user").baseUri(), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        backends.values().forEach(FakeBackend::close);
    }

    private void answerAroundTheDeadline(Call call) throws Exception {
        Duration offset = offsets.get(call.backend() + " " + call.id());
        if (offset != null) {
            Duration left = Duration.ofMillis(
                    Long.parseLong(call.headers(TIMEOUT_HEADER).getFirst()));
            Thread.sleep(left.plus(offset));
        }
        call.answerWell();
    }

    /** The possible results of a request. */
    private enum Outcome {
        COMPLETE,
        PARTIAL,
        LATE
    }

    @Test
    void everyAnswerIsARightOneAndTheOnlyOne() {
        System.out.println("AroundTheDeadlineTest: -Dmuster.test.seed=" + seed);
        List<Outcome> outcomes = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            int first = round * CONNECTIONS;
            List<CompletableFuture<List<Outcome>>> clients = IntStream.range(first, first + CONNECTIONS)
                    .mapToObj(number -> CompletableFuture.supplyAsync(
                            () -> requests(number), task -> Thread.ofVirtual().start(task)))
                    .toList();
            clients.stream().map(Await::result).forEach(outcomes::addAll);
        }

        assertThat(outcomes).as("seed " + seed).hasSize(ROUNDS * CONNECTIONS * REQUESTS_EACH);
        for (Outcome outcome : Outcome.values()) {
            System.out.println("  " + outcome + " "
                    + outcomes.stream().filter(outcome::equals).count());
        }
        for (String name : BackendNames.LABELS) {
            assertThat(service.connections(name, "active")).as(name).isZero();
            assertThat(service.waiting(name)).as(name).isZero();
        }
    }

    /** Sends requests one after the other on one connection. The backends answer the last at once. */
    private List<Outcome> requests(int client) {
        Random random = new Random(seed + client);
        List<Outcome> outcomes = new ArrayList<>();
        try (RawConnection connection = new RawConnection(service.port())) {
            for (int number = 0; number < REQUESTS_EACH; number++) {
                String id = "id-" + client + "-" + number;
                for (String name : BackendNames.LABELS) {
                    int micros = random.nextInt(-SPREAD_MILLIS * 1000, SPREAD_MILLIS * 1000 + 1);
                    offsets.put(name + " " + id, Duration.ofNanos(micros * 1000L));
                }
                boolean lenient = random.nextBoolean();
                connection.send(
                        "GET",
                        "/profiles/" + id,
                        "X-Request-Id: " + id,
                        TIMEOUT_HEADER + ": " + DEADLINE_MILLIS,
                        "Prefer: handling=" + (lenient ? "lenient" : "strict"));
                outcomes.add(check(connection.read("GET"), id, lenient));
            }
            String last = "last-" + client;
            connection.send("GET", "/profiles/" + last, "X-Request-Id: " + last, "Connection: close");
            Response response = connection.read("GET");
            assertIsAbout(response, last);
            assertProfile(response, last);
            assertThat(connection.isClosedByPeer())
                    .as("the server closes after the last answer")
                    .isTrue();
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ", client " + client, e);
        }
        return outcomes;
    }

    /** The id shows a second answer to one request: it would be read as the answer to the next request. */
    private static void assertIsAbout(Response response, String id) {
        assertThat(response.header("X-Request-Id")).as(response.body()).isEqualTo(id);
    }

    private static Outcome check(Response response, String id, boolean lenient) {
        assertIsAbout(response, id);
        if (response.status() == 504) {
            assertThat(response.json().path("type").asString()).isEqualTo("/problems/deadline-exceeded");
            assertThat(response.json().path("requestId").asString()).isEqualTo(id);
            assertThat(response.json().path("cause").asString())
                    .as(response.body())
                    .isEqualTo("deadline");
            return Outcome.LATE;
        }
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        JsonNode profile = response.json();
        if (!profile.has("errors")) {
            assertProfile(response, id);
            assertThat(response.header("Profile-Complete")).isEqualTo("true");
            return Outcome.COMPLETE;
        }
        assertThat(lenient).as("the request with a partial answer is lenient").isTrue();
        assertPartial(response, id);
        return Outcome.PARTIAL;
    }

    private static void assertPartial(Response response, String id) {
        JsonNode profile = response.json();
        assertThat(response.header("Profile-Complete")).isEqualTo("false");
        assertThat(profile.at("/user/id").asString()).isEqualTo(id);
        List<String> missing = new ArrayList<>();
        for (String name : BackendNames.without("user")) {
            if (profile.has(name)) {
                assertPart(profile, name, id);
            } else {
                missing.add(name);
            }
        }
        List<String> errors = new ArrayList<>();
        for (JsonNode error : profile.path("errors")) {
            errors.add(error.path("backend").asString());
            assertThat(error.path("type").asString()).isEqualTo("/problems/deadline-exceeded");
            assertThat(error.path("status").asInt()).isEqualTo(504);
        }
        assertThat(missing).isNotEmpty();
        assertThat(errors).as(response.body()).containsExactlyElementsOf(missing);
    }
}
