package dev.muster.profile;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.profile.ProfileCase.Failure;
import dev.muster.profile.ProfileCase.Fate;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import dev.muster.testing.Soak;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Whatever the backends do, in any order, a request gets the answer that {@link ProfileCase} derives from the contract.
 * Nothing of the request is left. {@code -Dmuster.test.seed=N} repeats the cases of an earlier run.
 */
class ProfilePropertyTest {
    private static final int CASES = Soak.times(300, 10_000);
    private static final int AT_ONCE = 32;
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final List<Set<String>> REQUIRED =
            List.of(Set.of(), Set.of("posts"), Set.copyOf(BackendNames.NOT_REQUIRED));
    private static final Pattern TIMING = Pattern.compile("(\\w+);dur=[0-9.]+(?:;desc=\"([^\"]*)\")?");

    private final Map<String, Gate> gates = new ConcurrentHashMap<>();
    private final FakeBackend backend = FakeBackend.start(this::answerOnceReleased);
    private final Map<Set<String>, Service> services =
            REQUIRED.stream().collect(Collectors.toMap(required -> required, this::service));
    /** The causes of cancelled calls, by the required backends. A cause counts once for each answer that names it. */
    private final Map<Set<String>, Map<String, Integer>> cancelled = new HashMap<>();

    @AfterEach
    void stop() {
        services.values().forEach(Service::close);
        backend.close();
    }

    private Service service(Set<String> required) {
        Map<String, String> settings = new HashMap<>();
        required.forEach(name -> settings.put("backends." + name + ".required", "true"));
        return Service.start(backend.baseUri(), settings);
    }

    /** Holds the answer of one backend to one request. */
    private static final class Gate {
        private final CompletableFuture<Fate> fate = new CompletableFuture<>();
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch answered = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);
    }

    private void answerOnceReleased(Call call) throws Exception {
        Gate gate = gates.get(call.id() + "/" + call.backend());
        gate.arrived.countDown();
        Fate fate = gate.fate.get();
        switch (fate) {
            case OK -> call.answerWell();
            case STATUS_500 -> call.status(500);
            case STATUS_503 -> call.status(503);
            case STATUS_404 -> call.status(404);
            case BAD_JSON -> call.json("{");
            case WRONG_USER -> call.json(GoodBodies.user("another"));
            case RESET -> call.close();
            case HANG_IN_BODY -> call.send(Call.jsonAnswer(call.goodBody()).replaceFirst("]|}$", ""));
            case HANG -> {}
        }
        if (fate.hangs()) {
            call.awaitPeerClosed();
            gate.closed.countDown();
        } else {
            gate.answered.countDown();
        }
    }

    @Test
    void everyRequestGetsTheAnswerThatFollowsFromWhatTheBackendsDo() throws InterruptedException {
        long seed = Long.getLong("muster.test.seed", System.nanoTime());
        Random random = new Random(seed);
        List<ProfileCase> cases = IntStream.range(0, CASES)
                .mapToObj(i -> ProfileCase.draw(i, REQUIRED.get(i % REQUIRED.size()), random))
                .toList();
        System.out.println("-Dmuster.test.seed=" + seed + " " + ProfileCase.count(cases));

        List<String> failures = runAll(cases);

        assertThat(failures).as("with -Dmuster.test.seed=" + seed).isEmpty();
        services.forEach((required, service) -> {
            Scrape scrape = Scrape.of(service);
            assertThat(cancellations(scrape))
                    .as("cancellations by cause, with %s required", required)
                    .isEqualTo(cancelled.getOrDefault(required, Map.of()));
            for (String name : BackendNames.LABELS) {
                assertThat(service.connections(name, "active")).as(name).isZero();
            }
        });
    }

    private static Map<String, Integer> cancellations(Scrape scrape) {
        return scrape.samples("muster_cancellations_total", Map.of()).stream()
                .filter(sample -> sample.value() > 0)
                .collect(Collectors.toMap(sample -> sample.labels().get("cause"), sample -> (int) sample.value()));
    }

    private List<String> runAll(List<ProfileCase> cases) throws InterruptedException {
        ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        Semaphore room = new Semaphore(AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (ProfileCase one : cases) {
                room.acquire();
                threads.execute(() -> {
                    try {
                        run(one);
                    } catch (Throwable e) {
                        failures.add(one + ": " + e);
                    } finally {
                        room.release();
                    }
                });
            }
        }
        return List.copyOf(failures);
    }

    private void run(ProfileCase one) {
        Duration deadline = one.anyHangs() ? SHORT : LONG;
        // On a slow machine the deadline may come too early. The case then gets more time, twice at most.
        boolean judged = run(one, deadline, false) || run(one, deadline.multipliedBy(3), false) || run(one, LONG, true);
        assertThat(judged).isTrue();
    }

    /** Plays a case and checks its answer; false if the deadline decided in place of something else. */
    private boolean run(ProfileCase one, Duration deadline, boolean atAnyRate) {
        String id = "c" + one.number() + "-" + deadline.toSeconds();
        Map<String, Gate> held = new HashMap<>();
        for (String name : BackendNames.LABELS) {
            held.put(name, new Gate());
            gates.put(id + "/" + name, held.get(name));
            if (one.fates().get(name).hangs()) {
                held.get(name).fate.complete(one.fates().get(name));
            }
        }
        List<List<String>> groups = new ArrayList<>(one.groups());
        Set<String> answered = new HashSet<>();
        if (one.early() && !groups.isEmpty()) {
            release(one, groups.removeFirst(), held, answered);
        }
        CompletableFuture<Response> answer =
                services.get(one.required()).getAsync("/profiles/" + id, headers(one, deadline));
        while (one.decisive(answered).isEmpty() && !groups.isEmpty()) {
            awaitUnlessAnswered(answer, held.values().stream().map(gate -> gate.arrived));
            awaitUnlessAnswered(answer, answered.stream().map(name -> held.get(name).answered));
            release(one, groups.removeFirst(), held, answered);
        }

        Response response = Await.result(answer);

        Map<String, String> words = words(response);
        count(one, words);
        held.forEach((name, gate) -> {
            // The service must have closed all calls that are still held here, and all that hang.
            gate.fate.complete(Fate.HANG);
            if (gate.arrived.getCount() == 0 && !answered.contains(name)) {
                Await.latch(gate.closed);
            }
        });
        if (!atAnyRate && decidedByDeadlineAlone(one, answered, words)) {
            return false;
        }
        judge(one, answered, response, words);
        return true;
    }

    private static void awaitUnlessAnswered(CompletableFuture<Response> answer, Stream<CountDownLatch> latches) {
        latches.forEach(latch -> Await.until(
                "the backend has received the call or answered it, or the request has ended",
                () -> latch.getCount() == 0 || answer.isDone()));
    }

    /** Whether the deadline passed before an event that should precede it. */
    private static boolean decidedByDeadlineAlone(ProfileCase one, Set<String> answered, Map<String, String> words) {
        boolean hasDecisive = !one.decisive(answered).isEmpty();
        return BackendNames.LABELS.stream()
                .filter(name -> hasDecisive || answered.contains(name))
                .anyMatch(name -> "cancelled: deadline".equals(words.get(name)));
    }

    private static void release(ProfileCase one, List<String> group, Map<String, Gate> held, Set<String> answered) {
        group.forEach(name -> held.get(name).fate.complete(one.fates().get(name)));
        answered.addAll(group);
    }

    private static String[] headers(ProfileCase one, Duration deadline) {
        String limit = "x-envoy-expected-rq-timeout-ms: " + deadline.toMillis();
        return switch (one.preference()) {
            case NONE -> new String[] {limit};
            case STRICT -> new String[] {limit, "Prefer: handling=strict"};
            case LENIENT -> new String[] {limit, "Prefer: handling=lenient"};
        };
    }

    /** The words of each backend in Server-Timing, success aside. */
    private static Map<String, String> words(Response response) {
        Map<String, String> words = new HashMap<>();
        TIMING.matcher(String.valueOf(response.header("Server-Timing")))
                .results()
                .forEach((MatchResult entry) -> words.put(entry.group(1), entry.group(2)));
        assertThat(words).as("Server-Timing").containsOnlyKeys(BackendNames.and("total"));
        return words;
    }

    private void count(ProfileCase one, Map<String, String> words) {
        Set<String> causes = words.values().stream()
                .filter(word -> word != null && word.startsWith("cancelled: "))
                .map(word -> word.substring("cancelled: ".length()))
                .collect(Collectors.toSet());
        assertThat(causes).hasSizeLessThanOrEqualTo(1);
        synchronized (cancelled) {
            causes.forEach(cause -> cancelled
                    .computeIfAbsent(one.required(), _ -> new HashMap<>())
                    .merge(cause, 1, Integer::sum));
        }
    }

    private static void judge(ProfileCase one, Set<String> answered, Response response, Map<String, String> words) {
        Set<Failure> decisive = one.decisive(answered);
        String decidedBy = null;
        if (!decisive.isEmpty()) {
            Failure told = failure(response.json());
            assertThat(decisive).as(response.body()).contains(told);
            assertProblem(response, told.status(), told.problem(), told.backend());
            assertThat(response.json().has("cause")).isFalse();
            decidedBy = told.backend();
        } else if (one.enough()) {
            assertProfile(one, response);
        } else {
            assertDeadline(one, response);
        }
        for (String name : BackendNames.LABELS) {
            assertThat(one.words(name, decidedBy == null ? null : answered, decidedBy))
                    .as("Server-Timing of " + name)
                    .contains(words.get(name));
        }
        String applied = response.header("Preference-Applied");
        switch (one.preference()) {
            case NONE -> assertThat(applied).isNull();
            case STRICT -> assertThat(applied).isEqualTo("handling=strict");
            case LENIENT -> assertThat(applied).isEqualTo("handling=lenient");
        }
    }

    private static Failure failure(JsonNode json) {
        return new Failure(
                json.path("backend").asString(""),
                json.path("type").asString("").replace("/problems/", ""),
                json.path("status").asInt(0));
    }

    private static void assertProfile(ProfileCase one, Response response) {
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        JsonNode profile = response.json();
        Set<Failure> missing = one.missing();
        assertThat(response.header("Profile-Complete")).isEqualTo(missing.isEmpty() ? "true" : "false");
        assertThat(response.header("Cache-Control")).isEqualTo(missing.isEmpty() ? "private, no-cache" : "no-store");
        one.fates()
                .forEach((name, fate) -> assertThat(profile.has(name)).as(name).isEqualTo(fate == Fate.OK));
        assertThat(profile.has("errors")).isEqualTo(!missing.isEmpty());
        List<Failure> told = profile.path("errors")
                .valueStream()
                .map(ProfilePropertyTest::failure)
                .toList();
        assertThat(told).containsExactlyInAnyOrderElementsOf(missing);
    }

    private static void assertDeadline(ProfileCase one, Response response) {
        assertThat(response.status()).as(response.body()).isEqualTo(504);
        JsonNode problem = response.json();
        assertThat(problem.path("type").asString("")).isEqualTo("/problems/deadline-exceeded");
        assertThat(problem.path("cause").asString("")).isEqualTo("deadline");
        assertThat(problem.has("backend")).isFalse();
        String waitedFor = BackendNames.LABELS.stream()
                .filter(name -> one.fates().get(name).hangs())
                .collect(Collectors.joining(", "));
        assertThat(problem.path("detail").asString("")).endsWith("an answer from " + waitedFor + ".");
    }
}
