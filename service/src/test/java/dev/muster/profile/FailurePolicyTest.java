package dev.muster.profile;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which answer follows from several failures, in any order. */
class FailurePolicyTest {
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> held =
            BackendNames.LABELS.stream().collect(Collectors.toMap(name -> name, _ -> new CountDownLatch(1)));
    private final FakeBackend backend = FakeBackend.start(this::answerWhenReleased);
    private final Service service = Service.start(backend.baseUri());

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void answerWhenReleased(Call call) throws Exception {
        held.get(call.backend()).await();
        int status = statuses.getOrDefault(call.backend(), 200);
        if (status == 200) {
            call.answerWell();
        } else {
            call.status(status);
        }
    }

    /** Starts at each backend and goes round, forwards and backwards: user, posts and friends come in every order. */
    static List<List<String>> orders() {
        List<List<String>> orders = new ArrayList<>();
        for (int i = 0; i < BackendNames.LABELS.size(); i++) {
            List<String> order = new ArrayList<>(BackendNames.LABELS);
            Collections.rotate(order, i);
            orders.add(order);
            orders.add(order.reversed());
        }
        return orders;
    }

    static Stream<Arguments> ordersAndOpinions() {
        return orders().stream()
                .flatMap(order -> Stream.of(
                        Arguments.of(order, 200, 200), Arguments.of(order, 404, 200), Arguments.of(order, 404, 404)));
    }

    @ParameterizedTest
    @MethodSource("ordersAndOpinions")
    void aUserWhoDoesNotExistIs404InWhateverOrderTheyAnswer(List<String> order, int posts, int friends) {
        statuses.putAll(Map.of("user", 404, "posts", posts, "friends", friends));

        Response response = answersInOrder(order);

        assertProblem(response, 404, "user-not-found", "user");
    }

    @ParameterizedTest
    @MethodSource("orders")
    void postsThatDoNotKnowAUserWhoExistsAreABadResponseInWhateverOrderTheyAnswer(List<String> order) {
        statuses.put("posts", 404);

        Response response = answersInOrder(order);

        assertProblem(response, 502, "bad-response", "posts");
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aUserWhomNeitherPostsNorFriendsKnowIsABadResponse(List<String> order) {
        statuses.putAll(Map.of("posts", 404, "friends", 404));

        Response response = answersInOrder(order);

        assertThat(response.status()).isEqualTo(502);
        assertThat(response.json().path("type").asString()).isEqualTo("/problems/bad-response");
    }

    @Test
    void a404OfPostsLeavesTheUserCallRunning() {
        statuses.put("posts", 404);
        CompletableFuture<Response> answer = service.getAsync("/profiles/ada");
        held.get("posts").countDown();
        Await.until("posts has answered", () -> service.connections("posts", "idle") == 1);

        held.values().forEach(CountDownLatch::countDown);

        assertProblem(Await.result(answer), 502, "bad-response", "posts");
        assertThat(backend.calls()).hasSize(BackendNames.CALLS_OF_A_REQUEST);
    }

    @Test
    void anotherFailureIsTheAnswerWhereA404OfPostsStillWaitsForTheUser() {
        statuses.putAll(Map.of("posts", 404, "friends", 500));
        CompletableFuture<Response> answer = service.getAsync("/profiles/ada");
        held.get("posts").countDown();
        Await.until("posts has answered", () -> service.connections("posts", "idle") == 1);

        held.get("friends").countDown();

        assertProblem(Await.result(answer), 502, "backend-failed", "friends");
    }

    @ParameterizedTest
    @FieldSource("dev.muster.testing.BackendNames#LABELS")
    void theFirstFailureIsTheAnswerThoughTheOthersHang(String failing) {
        statuses.put(failing, 500);
        held.get(failing).countDown();

        Response response = service.get("/profiles/ada");

        assertProblem(response, 502, "backend-failed", failing);
    }

    private Response answersInOrder(List<String> order) {
        CompletableFuture<Response> answer = service.getAsync("/profiles/ada");
        backend.awaitRequests(1);
        for (String name : order) {
            held.get(name).countDown();
            Await.until(
                    "the backend's answer has been read",
                    () -> answer.isDone() || service.connections(name, "idle") == 1);
        }
        return Await.result(answer);
    }
}
