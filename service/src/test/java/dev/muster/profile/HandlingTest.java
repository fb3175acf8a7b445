package dev.muster.profile;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Whether a part of the profile may be missing: the request decides, else the configuration. A required part never may.
 */
class HandlingTest {
    private static final String LENIENT = "Prefer: handling=lenient";

    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    private final FakeBackend backend = FakeBackend.start(this::answerOrFail);
    private Service service;

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void answerOrFail(Call call) throws Exception {
        Integer status = statuses.get(call.backend());
        if (status == null) {
            call.answerWell();
        } else {
            call.status(status);
        }
    }

    private void start(Map<String, String> settings) {
        service = Service.start(backend.baseUri(), settings);
    }

    private static void assertPartial(Response response) {
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.header("Profile-Complete")).isEqualTo("false");
        assertThat(response.json().path("errors")).hasSize(1);
    }

    @Test
    void strictIsTheServersDefault() {
        statuses.put("posts", 500);
        start(Map.of());

        Response response = service.get("/profiles/ada");

        assertProblem(response, 502, "backend-failed", "posts");
        assertThat(response.headers()).doesNotContainKey("preference-applied");
    }

    @Test
    void theServersDefaultMayBeLenientWhichIsNoPreferenceOfTheClients() {
        statuses.put("posts", 500);
        start(Map.of("handling", "lenient"));

        Response response = service.get("/profiles/ada");

        assertPartial(response);
        assertThat(response.headers()).doesNotContainKey("preference-applied");
    }

    @Test
    void theClientsWishForLenientStandsAboveTheServersDefault() {
        statuses.put("posts", 500);
        start(Map.of("handling", "strict"));

        Response response = service.get("/profiles/ada", LENIENT);

        assertPartial(response);
        assertThat(response.header("Preference-Applied")).isEqualTo("handling=lenient");
    }

    @Test
    void theClientsWishForStrictStandsAboveTheServersDefault() {
        statuses.put("posts", 500);
        start(Map.of("handling", "lenient"));

        Response response = service.get("/profiles/ada", "Prefer: handling=strict");

        assertProblem(response, 502, "backend-failed", "posts");
        assertThat(response.header("Preference-Applied")).isEqualTo("handling=strict");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "handling=loose > strict > 502",
                "handling=loose > lenient > 200",
                "handling > strict > 502",
                "handling > lenient > 200",
                "handling=\"\" > lenient > 200",
                "handling=loose, handling=lenient > strict > 502",
                "handling=loose, handling=strict > lenient > 200",
                "lenient > strict > 502",
                "foo; handling=lenient > strict > 502",
                "foo=\"x, handling=lenient\" > strict > 502"
            })
    void whatIsNeitherStrictNorLenientLeavesItToTheServer(String preference, String standard, int status) {
        statuses.put("posts", 500);
        start(Map.of("handling", standard));

        Response response = service.get("/profiles/ada", "Prefer: " + preference);

        assertThat(response.status()).isEqualTo(status);
        assertThat(response.headers()).doesNotContainKey("preference-applied");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '>',
            value = {
                "handling=lenient, handling=strict > 200 > handling=lenient",
                "handling=strict, handling=lenient > 502 > handling=strict",
                "handling=\"lenient\" > 200 > handling=lenient",
                "Handling = lenient; foo=bar > 200 > handling=lenient",
                "respond-async, handling=lenient > 200 > handling=lenient"
            })
    void theFirstHandlingCountsHoweverItIsWritten(String preference, int status, String applied) {
        statuses.put("posts", 500);
        start(Map.of());

        Response response = service.get("/profiles/ada", "Prefer: " + preference);

        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("Preference-Applied")).isEqualTo(applied);
    }

    @ParameterizedTest
    @FieldSource("dev.muster.testing.BackendNames#NOT_REQUIRED")
    void aBackendThatIsRequiredFailsALenientRequestToo(String name) {
        statuses.put(name, 500);
        start(Map.of("backends." + name + ".required", "true"));

        Response response = service.get("/profiles/ada", LENIENT);

        assertProblem(response, 502, "backend-failed", name);
        assertThat(response.headers()).doesNotContainKey("profile-complete");
    }

    @Test
    void theOneThatIsNotRequiredMayStillBeMissing() {
        statuses.put("friends", 500);
        start(Map.of("backends.posts.required", "true"));

        Response response = service.get("/profiles/ada", LENIENT);

        assertPartial(response);
        assertThat(response.json().at("/errors/0/backend").asString()).isEqualTo("friends");
    }

    @Test
    void aRequiredBackendThatDoesNotKnowAUserWhoExistsIsABadResponse() {
        statuses.put("posts", 404);
        start(Map.of("backends.posts.required", "true"));

        assertProblem(service.get("/profiles/ada", LENIENT), 502, "bad-response", "posts");
    }

    @Test
    void theUserHasTheLastWordOnWhetherThereIsOne() {
        statuses.putAll(Map.of("user", 404, "posts", 404));
        start(Map.of("backends.posts.required", "true"));

        assertProblem(service.get("/profiles/ada", LENIENT), 404, "user-not-found", "user");
    }
}
