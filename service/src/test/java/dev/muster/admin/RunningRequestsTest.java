package dev.muster.admin;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code /in-flight} on the admin port: the requests in flight, and the backends each waits for. */
class RunningRequestsTest {
    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final Service service = Service.start(backend.baseUri());

    @AfterEach
    void stop() {
        release.countDown();
        service.close();
        backend.close();
    }

    /** An id names, between its dashes, the backends whose answers wait for {@link #release}. */
    private void answer(Call call) throws Exception {
        if (Set.of(call.id().split("-")).contains(call.backend())) {
            Await.latch(release);
        }
        call.answerWell();
    }

    private JsonNode inFlight() {
        Response response = service.admin("/in-flight");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.json().propertyNames()).containsExactly("count", "requests");
        assertThat(response.json().path("requests"))
                .hasSize(response.json().path("count").intValue());
        return response.json();
    }

    private JsonNode running(int index) {
        return inFlight().path("requests").path(index);
    }

    private static List<String> waitingFor(JsonNode request) {
        return request.path("waitingFor")
                .valueStream()
                .map(JsonNode::stringValue)
                .toList();
    }

    private void awaitWaitingFor(int index, String... backends) {
        Await.until(
                "it waits for exactly these backends",
                () -> waitingFor(running(index)).equals(List.of(backends)));
    }

    @Test
    void nobodyIsServedBetweenRequests() {
        assertThat(inFlight().path("count").intValue()).isZero();

        assertProfile(service.get("/profiles/ada"), "ada");

        Await.until("it has ended", () -> inFlight().path("count").intValue() == 0);
    }

    @Test
    void theOldestIsFirstAndEachSaysWhatItWaitsFor() {
        CompletableFuture<Response> older = service.getAsync("/profiles/a-posts?secret=1", "X-Request-Id: r-older");
        awaitWaitingFor(0, "posts");
        double age = running(0).path("ageMs").doubleValue();
        CompletableFuture<Response> younger = service.getAsync(
                "/profiles/b-user-friends", "X-Request-Id: r-younger", "Prefer: handling=lenient", "Authorization: x");
        awaitWaitingFor(1, "user", "friends");

        JsonNode all = inFlight();

        assertThat(all.path("count").intValue()).isEqualTo(2);
        JsonNode first = all.path("requests").path(0);
        JsonNode second = all.path("requests").path(1);
        assertThat(first.propertyNames()).containsExactly("method", "path", "requestId", "ageMs", "waitingFor");
        assertThat(first.path("method").stringValue()).isEqualTo("GET");
        assertThat(first.path("path").stringValue()).isEqualTo("/profiles/a-posts");
        assertThat(first.path("requestId").stringValue()).isEqualTo("r-older");
        assertThat(waitingFor(first)).containsExactly("posts");
        assertThat(first.path("ageMs").doubleValue()).isGreaterThan(age);
        assertThat(second.propertyNames()).containsExactly("method", "path", "requestId", "ageMs", "waitingFor");
        assertThat(second.path("path").stringValue()).isEqualTo("/profiles/b-user-friends");
        assertThat(second.path("requestId").stringValue()).isEqualTo("r-younger");
        assertThat(second.path("ageMs").doubleValue())
                .isPositive()
                .isLessThan(first.path("ageMs").doubleValue());
        release.countDown();
        assertProfile(Await.result(older), "a-posts");
        assertProfile(Await.result(younger), "b-user-friends");
        Await.until("both have ended", () -> inFlight().path("count").intValue() == 0);
    }

    @Test
    void whatIsShownOfARequestIsAsItWasSent() {
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("POST", "/nowhere/%61;b?c=d", "X-Request-Id: not an id", "Content-Length: 3");
            Await.until("it is there", () -> inFlight().path("count").intValue() == 1);

            JsonNode shown = running(0);

            assertThat(shown.path("method").stringValue()).isEqualTo("POST");
            assertThat(shown.path("path").stringValue()).isEqualTo("/nowhere/%61;b");
            assertThat(shown.path("requestId").stringValue()).matches("[0-9a-f]{16}");
            client.sendRaw("abc");
            assertThat(client.read("POST").header("X-Request-Id"))
                    .isEqualTo(shown.path("requestId").stringValue());
        }
    }

    @Test
    void aRequestWhoseBodyIsStillToComeWaitsForNoBackend() {
        try (RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/ada", "Content-Length: 3");
            Await.until("it is there", () -> inFlight().path("count").intValue() == 1);

            assertThat(waitingFor(running(0))).isEmpty();
            assertThat(running(0).has("waitingFor")).isTrue();
            client.sendRaw("abc");
            assertProfile(client.read("GET"), "ada");
        }
    }
}
