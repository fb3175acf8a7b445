package dev.muster.admin;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code /requests} on the admin port: the outcome and times of each backend call. */
class RequestsTest {
    private static final List<String> STAGES =
            List.of("beganMs", "permitMs", "connectedMs", "sentMs", "firstByteMs", "endedMs");

    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final Service service = Service.start(
            backend.baseUri(), Map.of("backends.posts.max-connections", "1", "admin.kept-requests", "20"));

    @AfterEach
    void stop() {
        release.countDown();
        service.close();
        backend.close();
    }

    private void answer(Call call) throws Exception {
        if (call.isFor("posts") && call.id().equals("held")) {
            release.await();
        }
        if (call.isFor("posts") && call.id().equals("broken")) {
            call.status(500);
        } else {
            call.answerWell();
        }
    }

    private JsonNode kept(String list) {
        Response response = service.admin("/requests");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.json().propertyNames()).containsExactly("failed", "partial", "slowest");
        return response.json().path(list);
    }

    /** Waits for the newest request of a list: it is recorded after the answer. */
    private JsonNode newest(String list, String id) {
        Await.until(
                "the request is kept",
                () -> kept(list).path(0).path("path").asString("").equals("/profiles/" + id));
        return kept(list).path(0);
    }

    private static JsonNode call(JsonNode request, String backend) {
        for (JsonNode call : request.path("calls")) {
            if (call.path("backend").stringValue().equals(backend)) {
                return call;
            }
        }
        throw new AssertionError("no call to " + backend + " in " + request);
    }

    @Test
    void aFailedRequestIsThereWithEveryStageOfItsCallsInOrder() {
        Response response = service.get(
                "/profiles/broken",
                "X-Request-Id: r-1",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "Prefer: wait=5");

        JsonNode request = newest("failed", "broken");

        assertThat(response.status()).isEqualTo(502);
        assertThat(request.propertyNames())
                .containsExactly(
                        "begunAt",
                        "requestId",
                        "traceId",
                        "method",
                        "path",
                        "status",
                        "outcome",
                        "durationMs",
                        "deadlineMs",
                        "remainingMs",
                        "calls");
        assertThat(request.path("begunAt").stringValue())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
        assertThat(request.path("requestId").stringValue()).isEqualTo("r-1");
        assertThat(request.path("traceId").stringValue()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(request.path("status").intValue()).isEqualTo(502);
        assertThat(request.path("outcome").stringValue()).isEqualTo("backend-failed");
        assertThat(request.path("deadlineMs").doubleValue()).isEqualTo(5000);
        assertThat(request.path("durationMs").doubleValue()).isPositive();
        JsonNode call = call(request, "posts");
        assertThat(call.path("outcome").stringValue()).isEqualTo("unavailable");
        List<Double> times =
                STAGES.stream().map(stage -> call.path(stage).doubleValue()).toList();
        assertThat(times).isSorted().allSatisfy(time -> assertThat(time).isPositive());
        assertThat(times.getLast())
                .isLessThanOrEqualTo(request.path("durationMs").doubleValue());
        assertThat(call.path("remainingMs").doubleValue()).isBetween(0.0, 5000 - times.getLast() + 0.001);
    }

    @Test
    void aPartialRequestIsThere() {
        service.get("/profiles/broken", "Prefer: handling=lenient");

        JsonNode request = newest("partial", "broken");

        assertThat(request.path("status").intValue()).isEqualTo(200);
        assertThat(request.path("outcome").stringValue()).isEqualTo("partial");
        assertThat(call(request, "user").path("outcome").stringValue()).isEqualTo("success");
        assertThat(call(request, "posts").path("outcome").stringValue()).isEqualTo("unavailable");
    }

    @Test
    void aCompleteRequestIsAmongTheSlowest() {
        CompletableFuture<Response> held = service.getAsync("/profiles/held");
        backend.awaitRequests(1);
        release.countDown();
        assertProfile(Await.result(held), "held");

        JsonNode request = newest("slowest", "held");

        assertThat(request.path("outcome").stringValue()).isEqualTo("complete");
        assertThat(call(request, "posts").path("firstByteMs").doubleValue())
                .isGreaterThan(call(request, "posts").path("sentMs").doubleValue());
    }

    @Test
    void aCallThatNeverGotItsPermitHasNoStageBeyondItsBeginning() {
        CompletableFuture<Response> held = service.getAsync("/profiles/held");
        Await.until(
                "the held request has the connection",
                () -> backend.calls().stream().anyMatch(call -> call.isFor("posts")));

        service.get("/profiles/ada", "x-envoy-expected-rq-timeout-ms: 200", "Prefer: handling=lenient");

        JsonNode call = call(newest("partial", "ada"), "posts");
        assertThat(call.path("outcome").stringValue()).isEqualTo("cancelled: deadline");
        assertThat(call.propertyNames()).containsExactly("backend", "outcome", "beganMs", "endedMs", "remainingMs");
        release.countDown();
        assertProfile(Await.result(held), "held");
    }

    @Test
    void aCallThatWasNeverMadeHasNoTimes() {
        service.get("/profiles/ada", "Prefer: wait=0");

        JsonNode request = newest("failed", "ada");

        assertThat(call(request, "user").propertyNames()).containsExactly("backend", "outcome");
        assertThat(request.path("remainingMs").doubleValue()).isNegative();
        assertThat(backend.calls()).isEmpty();
    }

    @Test
    void requestsThatNeverHadADeadlineAreNotThere() {
        service.get("/profiles/a;b");
        service.get("/nowhere");
        service.get("/openapi");
        service.get("/profiles/broken");

        newest("failed", "broken");
        assertThat(kept("failed")).hasSize(1);
        assertThat(kept("slowest")).isEmpty();
    }
}
