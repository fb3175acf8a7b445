package dev.muster.profile;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static dev.muster.testing.Answers.assertPart;
import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.github.tomakehurst.wiremock.http.Fault;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Backends;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Prefer: handling=lenient, which allows any part but the user to be missing. */
class LenientTest {
    private static final String LENIENT = "Prefer: handling=lenient";
    private static final String SHORT = "PT0.3S";

    private final Map<String, FakeBackend.Script> scripts = new ConcurrentHashMap<>();
    private final FakeBackend backend = FakeBackend.start(
            call -> scripts.getOrDefault(call.backend(), Call::answerWell).answer(call));
    private Service service;

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    /** A way to fail, and the client's view of it. */
    enum Failure {
        STATUS_500(Problem.FAILED, "failed with status 500.", "unavailable"),
        STATUS_503(Problem.BUSY, "rejected the call with status 503.", "rejected"),
        STATUS_429(Problem.BUSY, "rejected the call with status 429.", "rejected"),
        STATUS_404(Problem.BAD, "does not know a user that exists.", "not-found"),
        STATUS_401(Problem.BAD, "rejected the call with status 401.", "bad-response"),
        BAD_JSON(Problem.BAD, "answered with JSON that breaks its contract.", "bad-response"),
        NULL(Problem.BAD, "answered null.", "bad-response"),
        HANGS(Problem.LATE, "did not answer within its timeout.", "timed-out"),
        BREAKS_OFF(Problem.FAILED, "could not be reached, or the connection broke.", "unavailable");

        private final Problem problem;
        private final String detail;
        private final String word;

        Failure(Problem problem, String detail, String word) {
            this.problem = problem;
            this.detail = detail;
            this.word = word;
        }

        private void answer(Call call) throws IOException {
            switch (this) {
                case STATUS_500 -> call.status(500);
                case STATUS_503 -> call.send("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
                case STATUS_429 -> call.status(429);
                case STATUS_404 -> call.status(404);
                case STATUS_401 -> call.status(401);
                case BAD_JSON -> call.json("[{");
                case NULL -> call.json("null");
                case HANGS -> call.awaitPeerClosed();
                case BREAKS_OFF -> {
                    call.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n[");
                    call.close();
                }
            }
        }
    }

    /** The problem that a client gets for a failure. */
    private enum Problem {
        FAILED("backend-failed", 502, "A backend failed", true),
        BAD("bad-response", 502, "A backend's answer cannot be used", false),
        BUSY("overloaded", 503, "There is no room for the request now", true),
        LATE("deadline-exceeded", 504, "The answer was not ready in time", true);

        private final String type;
        private final int status;
        private final String title;
        private final boolean retryable;

        Problem(String type, int status, String title, boolean retryable) {
            this.type = type;
            this.status = status;
            this.title = title;
            this.retryable = retryable;
        }
    }

    private static Stream<Arguments> failures() {
        return Stream.of(Failure.values())
                .flatMap(failure -> BackendNames.NOT_REQUIRED.stream().map(name -> Arguments.of(failure, name)));
    }

    /** Starts the service for a backend with this failure. Only a backend that hangs has a short timeout. */
    private void start(String failing, Failure failure) {
        scripts.put(failing, failure::answer);
        service = Service.start(
                backend.baseUri(),
                failure == Failure.HANGS ? Map.of("backends." + failing + ".timeout", SHORT) : Map.of());
    }

    private static void assertPartial(Response response) {
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
        assertThat(response.header("Profile-Complete")).isEqualTo("false");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
        assertThat(response.headers()).doesNotContainKey("retry-after");
    }

    private static void assertMissing(JsonNode error, String name, Failure failure) {
        assertThat(error.propertyNames())
                .containsExactly("backend", "type", "status", "title", "detail", "retryable", "elapsedMs");
        assertThat(error.path("backend").asString()).isEqualTo(name);
        assertThat(error.path("type").asString()).isEqualTo("/problems/" + failure.problem.type);
        assertThat(error.path("status").isInt()).isTrue();
        assertThat(error.path("status").asInt()).isEqualTo(failure.problem.status);
        assertThat(error.path("title").asString()).isEqualTo(failure.problem.title);
        assertThat(error.path("detail").asString()).isEqualTo("The " + name + " backend " + failure.detail);
        assertThat(error.path("retryable").isBoolean()).isTrue();
        assertThat(error.path("retryable").asBoolean()).isEqualTo(failure.problem.retryable);
        assertThat(error.path("elapsedMs").isNumber()).isTrue();
        assertThat(error.path("elapsedMs").asDouble()).isPositive();
    }

    /** The milliseconds of a backend in Server-Timing, where the entry has {@code description}. */
    private static double millis(Response response, String name, String description) {
        Matcher metric = Pattern.compile("(?:^|, )" + name + ";dur=([0-9.]+);desc=\"" + description + "\"")
                .matcher(response.header("Server-Timing"));
        assertThat(metric.find()).as(response.header("Server-Timing")).isTrue();
        return Double.parseDouble(metric.group(1));
    }

    private void assertCounted(String outcome) {
        Await.until(
                "the request is counted",
                () -> Scrape.of(service).sum("muster_profile_requests_total", Map.of("result", outcome)) == 1);
        assertThat(Scrape.of(service).sum("muster_profile_requests_total", Map.of()))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whateverFailsIsMissingAndTheRestIsThere(Failure failure, String name) {
        start(name, failure);

        Response response = service.get("/profiles/ada", LENIENT);

        assertPartial(response);
        assertThat(response.header("Preference-Applied")).isEqualTo("handling=lenient");
        JsonNode profile = response.json();
        assertThat(profile.propertyNames()).containsExactlyElementsOf(BackendNames.membersWithout(name));
        BackendNames.without(name).forEach(other -> assertPart(profile, other, "ada"));
        assertThat(profile.path("errors")).hasSize(1);
        assertMissing(profile.path("errors").get(0), name, failure);
        assertThat(profile.at("/errors/0/elapsedMs").asDouble())
                .isEqualTo(millis(response, name, failure.word), within(0.002));
        assertThat(response.header("Server-Timing")).containsOnlyOnce("desc=");
    }

    @Test
    void aBackendThatTimedOutIsSaidToHaveTakenItsTimeout() {
        start("posts", Failure.HANGS);

        Response response = service.get("/profiles/ada", LENIENT);

        assertThat(response.json().at("/errors/0/elapsedMs").asDouble()).isGreaterThan(290);
    }

    @ParameterizedTest
    @FieldSource("dev.muster.testing.BackendNames#NOT_REQUIRED")
    void aBackendThatRefusesConnectionsIsMissing(String name) throws IOException {
        service = Service.start(
                backend.baseUri(),
                Map.of("backends." + name + ".base-uri", "http://127.0.0.1:" + portWhereNobodyListens()));

        Response response = service.get("/profiles/ada", LENIENT);

        assertPartial(response);
        assertMissing(response.json().at("/errors/0"), name, Failure.BREAKS_OFF);
        assertThat(response.json().has(name)).isFalse();
    }

    private static int portWhereNobodyListens() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @FieldSource("dev.muster.testing.BackendNames#NOT_REQUIRED")
    void aBackendThatResetsTheConnectionIsMissing(String name) {
        Backends backends = Backends.fresh().serve("ada");
        backends.answer(name, "ada", aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));
        service = Service.start(backends.baseUri());

        Response response = service.get("/profiles/ada", LENIENT);

        assertPartial(response);
        assertMissing(response.json().at("/errors/0"), name, Failure.BREAKS_OFF);
        assertThat(response.json().has(name)).isFalse();
    }

    @Test
    void bothMayBeMissing() {
        scripts.put("friends", Failure.BAD_JSON::answer);
        start("posts", Failure.STATUS_503);

        Response response = service.get("/profiles/ada", LENIENT);

        assertPartial(response);
        JsonNode profile = response.json();
        assertThat(profile.propertyNames()).containsExactlyElementsOf(BackendNames.membersWithout("posts", "friends"));
        assertThat(profile.path("errors")).hasSize(2);
        assertMissing(profile.at("/errors/0"), "posts", Failure.STATUS_503);
        assertMissing(profile.at("/errors/1"), "friends", Failure.BAD_JSON);
        assertCounted("partial");
    }

    @Test
    void neitherHavingHeardOfAUserWhoExistsLeavesTheUser() {
        scripts.put("friends", Failure.STATUS_404::answer);
        start("posts", Failure.STATUS_404);

        Response response = service.get("/profiles/ada", LENIENT);

        assertPartial(response);
        assertMissing(response.json().at("/errors/0"), "posts", Failure.STATUS_404);
        assertMissing(response.json().at("/errors/1"), "friends", Failure.STATUS_404);
    }

    @Test
    void aFailureOfPostsLeavesTheOtherCallsRunning() {
        CountDownLatch held = new CountDownLatch(1);
        FakeBackend.Script hold = call -> {
            held.await();
            call.answerWell();
        };
        BackendNames.without("posts").forEach(name -> scripts.put(name, hold));
        scripts.put("posts", Failure.STATUS_500::answer);
        service = Service.start(backend.baseUri());
        CompletableFuture<Response> answer = service.getAsync("/profiles/ada", LENIENT);
        backend.awaitRequests(1);
        Await.until("posts has failed", () -> service.connections("posts", "idle") == 1);

        held.countDown();

        assertPartial(Await.result(answer));
        assertThat(Await.result(answer).json().propertyNames())
                .containsExactlyElementsOf(BackendNames.membersWithout("posts"));
    }

    @Test
    void whereNothingIsMissingTheAnswerIsTheOneOfStrict() {
        service = Service.start(backend.baseUri());

        Response response = service.get("/profiles/ada", LENIENT);

        assertProfile(response, "ada");
        assertThat(response.body())
                .isEqualTo(service.get("/profiles/ada").body())
                .doesNotContain("null");
        assertThat(response.header("Profile-Complete")).isEqualTo("true");
        assertThat(response.header("Cache-Control")).isEqualTo("private, no-cache");
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
        assertThat(response.header("Preference-Applied")).isEqualTo("handling=lenient");
    }

    @Test
    void emptyIsNotMissing() {
        scripts.put("posts", call -> call.json("[]"));
        service = Service.start(backend.baseUri());

        Response response = service.get("/profiles/ada", LENIENT);

        assertThat(response.header("Profile-Complete")).isEqualTo("true");
        assertThat(response.json().path("posts").isArray()).isTrue();
        assertThat(response.json().path("posts")).isEmpty();
        assertThat(response.json().has("errors")).isFalse();
        assertCounted("complete");
    }

    @ParameterizedTest
    @EnumSource
    void aFailureOfTheUserIsTheAnswer(Failure failure) {
        start("user", failure);

        Response response = service.get("/profiles/ada", LENIENT);

        boolean unknown = failure == Failure.STATUS_404;
        String type = unknown ? "user-not-found" : failure.problem.type;
        assertProblem(response, unknown ? 404 : failure.problem.status, type, "user");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
        assertThat(response.headers()).doesNotContainKey("profile-complete");
        assertThat(response.header("Retry-After"))
                .isEqualTo(failure == Failure.STATUS_503 ? "7" : failure == Failure.STATUS_429 ? "1" : null);
        assertCounted(type);
    }

    @Test
    void anotherUserThanTheOneAskedForIsABadResponse() {
        scripts.put("user", call -> call.json(GoodBodies.user("another")));
        service = Service.start(backend.baseUri());

        assertProblem(service.get("/profiles/ada", LENIENT), 502, "bad-response", "user");
    }

    @Test
    void aFailureOfTheUserCancelsTheOthers() {
        List<String> others = BackendNames.without("user");
        CountDownLatch hanging = new CountDownLatch(others.size());
        CountDownLatch closed = new CountDownLatch(others.size());
        FakeBackend.Script hang = call -> {
            hanging.countDown();
            call.awaitPeerClosed();
            closed.countDown();
        };
        FakeBackend.Script fail = call -> {
            Await.latch(hanging);
            call.status(500);
        };
        scripts.put("user", fail);
        others.forEach(name -> scripts.put(name, hang));
        service = Service.start(backend.baseUri());

        Response response = service.get("/profiles/ada", LENIENT);

        assertProblem(response, 502, "backend-failed", "user");
        Await.latch(closed);
        assertThat(millis(response, "user", "unavailable")).isPositive();
        for (String name : others) {
            assertThat(millis(response, name, "cancelled: sibling-failed")).isPositive();
        }
        assertCounted("backend-failed");
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 500, 503})
    void aUserWhoDoesNotExistIs404ThoughPostsAreMissing(int postsStatus) {
        CountDownLatch held = new CountDownLatch(1);
        scripts.put("posts", call -> call.status(postsStatus));
        scripts.put("user", call -> {
            held.await();
            call.status(404);
        });
        service = Service.start(backend.baseUri());
        CompletableFuture<Response> answer = service.getAsync("/profiles/ada", LENIENT);
        Await.until("posts has failed", () -> service.connections("posts", "idle") == 1);

        held.countDown();

        assertProblem(Await.result(answer), 404, "user-not-found", "user");
    }

    @Test
    void headOfAPartialAnswerHasItsHeadersAndNoBody() {
        start("posts", Failure.STATUS_500);

        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("HEAD", "/profiles/ada", LENIENT);
            Response head = connection.read("HEAD");
            connection.send("GET", "/profiles/ada", LENIENT);
            Response get = connection.read("GET");

            assertPartial(get);
            assertPartial(head);
            assertThat(head.header("Preference-Applied")).isEqualTo("handling=lenient");
            assertThat(head.headers().keySet()).isEqualTo(get.headers().keySet());
            assertThat(Integer.parseInt(head.header("Content-Length"))).isGreaterThan(100);
        }
    }

    @Test
    void bothPreferencesAreSaidToBeApplied() {
        start("posts", Failure.STATUS_500);

        for (List<String> headers : List.of(
                List.of("Prefer: handling=lenient, wait=7"),
                List.of("Prefer: wait=7, handling=lenient"),
                List.of("Prefer: handling=lenient", "Prefer: wait=7"),
                List.of("Prefer: wait=7", "Prefer: handling=lenient"))) {
            Response response = service.get("/profiles/ada", headers.toArray(String[]::new));

            assertPartial(response);
            assertThat(response.header("Preference-Applied").split(", ", -1))
                    .containsExactlyInAnyOrder("handling=lenient", "wait=7");
        }
    }
}
