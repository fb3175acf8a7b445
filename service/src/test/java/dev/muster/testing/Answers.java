package dev.muster.testing;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Assertions about the service's answers. */
public final class Answers {
    private Answers() {}

    /** The answer is the whole profile of {@code id}, as {@link Backends} and {@link FakeBackend} have it. */
    public static void assertProfile(RawConnection.Response response, String id) {
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        JsonNode profile = response.json();
        assertThat(profile.propertyNames()).containsExactlyElementsOf(BackendNames.LABELS);
        BackendNames.LABELS.forEach(backend -> assertPart(profile, backend, id));
    }

    /** A part of a profile has the same ids as in {@link GoodBodies} for {@code id}. */
    public static void assertPart(JsonNode profile, String backend, String id) {
        JsonNode good = JsonMapper.shared().readTree(GoodBodies.of(BackendNames.of(backend), id));
        assertThat(profile.path(backend).findValuesAsString("id")).as(backend).isEqualTo(good.findValuesAsString("id"));
    }

    /**
     * The answer is a problem about a backend.
     *
     * @param type the last segment of its type
     */
    public static void assertProblem(RawConnection.Response response, int status, String type, String backend) {
        JsonNode problem = problem(response, status, type);
        assertThat(problem.path("backend").asString()).isEqualTo(backend);
        assertThat(problem.path("detail").asString()).contains("The " + backend + " backend");
    }

    /** The answer is a problem without a backend. */
    public static void assertProblem(RawConnection.Response response, int status, String type) {
        assertThat(problem(response, status, type).has("backend")).isFalse();
    }

    /** The request's deadline has passed without an answer from {@code waitedFor}. */
    public static void assertDeadlinePassed(RawConnection.Response response, String waitedFor) {
        JsonNode problem = problem(response, 504, "deadline-exceeded");
        assertThat(problem.path("cause").asString()).isEqualTo("deadline");
        assertThat(problem.has("backend")).isFalse();
        assertThat(problem.path("detail").asString())
                .isEqualTo("The request's deadline passed before there was an answer from " + waitedFor + ".");
    }

    private static JsonNode problem(RawConnection.Response response, int status, String type) {
        assertThat(response.status()).as(response.body()).isEqualTo(status);
        assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = response.json();
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("type").asString()).isEqualTo("/problems/" + type);
        assertThat(problem.path("requestId").asString()).isEqualTo(response.header("X-Request-Id"));
        return problem;
    }
}
