package dev.muster.http;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.BackendName;
import dev.muster.connection.HttpViolation;
import dev.muster.problem.ProblemTable;
import dev.muster.problem.RequestRejected;
import dev.muster.request.ProfileId;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import dev.muster.testing.Soak;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whatever bytes a client sends, it gets whole answers and an end. The backends get requests for profiles only.
 * {@code -Dmuster.test.seed=N} repeats the cases of an earlier run.
 */
class HttpFuzzTest {
    private static final int CASES = Soak.times(2_000, 100_000);
    /** A new service and backend start after this many cases: a backend remembers all its calls. */
    private static final int ROUND = 2_000;

    private static final int AT_ONCE = 16;
    private static final int HANGS_AFTER_MILLIS = 10_000;
    private static final int SHOWN_FAILURES = 20;

    private static final Pattern HEAD =
            Pattern.compile("HTTP/1\\.1 ([1-5][0-9]{2}) [ -~]*\r\n((?:[a-zA-Z-]+: [ -~]*\r\n)*)");
    private static final Pattern TARGET = Pattern.compile(BackendName.ALL.stream()
            .map(backend -> Pattern.quote(backend.resource("")) + "[A-Za-z0-9_-]{1,64}")
            .collect(Collectors.joining("|")));

    /** The statuses of requests that are rejected for their syntax. */
    private static final Set<Integer> REFUSED = Set.of(400, 408, 413, 414, 431, 501, 505);

    /** All details of these answers. So none can quote the request. */
    private static final Set<String> DETAILS = Stream.of(
                    Arrays.stream(HttpViolation.values()).map(HttpViolation::detail),
                    REFUSED.stream().map(status -> ProblemTable.ofStatus(status).detail()),
                    Stream.of(
                                    new RequestRejected.BadId(ProfileId.RULE),
                                    new RequestRejected.NotImplemented(),
                                    new RequestRejected.BodyTooLarge())
                            .map(RequestRejected::getMessage))
            .flatMap(details -> details)
            .collect(Collectors.toSet());

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,9}");
    private static final int CONTINUE = 100;

    private record Answer(int status, Map<String, String> headers, String body) {
        boolean cameFromBackends() {
            return headers.containsKey("server-timing");
        }
    }

    private final long seed = Long.getLong("muster.test.seed", System.nanoTime());
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answersFromBackends = new AtomicInteger();
    private final AtomicInteger resets = new AtomicInteger();

    @Test
    void theRequestsThatAreDamagedAreAnsweredWellWithoutTheDamage() throws InterruptedException {
        runAgainstNewService(FuzzCase.undamaged());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http:://test/profiles/ada",
                "GET http:http://test/profiles/ada",
                "GET test:80",
                "CONNECT test:443"
            })
    void aTargetWithoutAPathIsNoDefectOfTheServer(String requestLine) throws InterruptedException {
        runAgainstNewService(FuzzCase.undamagedAnd(requestLine));
    }

    /** RFC 9110 section 9.1. Also, a client that sends any method but HEAD waits for a body. */
    @ParameterizedTest
    @ValueSource(strings = {"get", "HEaD"})
    void aMethodInOtherCaseIsAnotherMethod(String method) throws InterruptedException {
        runAgainstNewService(FuzzCase.undamagedAnd(method + " /profiles/ada", 501));
    }

    @Test
    void whateverBytesArriveTheAnswersAreWholeAndBackendsAreAskedForProfilesOnly() throws InterruptedException {
        Random random = new Random(seed);
        System.out.println("HttpFuzzTest: -Dmuster.test.seed=" + seed);

        for (int first = 0; first < CASES; first += ROUND) {
            runAgainstNewService(IntStream.range(first, Math.min(CASES, first + ROUND))
                    .mapToObj(number -> FuzzCase.draw(number, random))
                    .toList());
        }
    }

    private void runAgainstNewService(List<FuzzCase> cases) throws InterruptedException {
        answersFromBackends.set(0);
        resets.set(0);
        Map<String, String> settings = Map.of(
                // A client that has sent everything has not gone.
                "connection.client-gone-after", "PT1M", "backends.user.forward-headers", "Authorization");
        try (FakeBackend backend = FakeBackend.start(HttpFuzzTest::answerButForNobody);
                Service service = Service.start(backend.baseUri(), settings)) {
            runAll(cases, service);
            assertThat(failures.stream().limit(SHOWN_FAILURES))
                    .as("%d failures with -Dmuster.test.seed=%d", failures.size(), seed)
                    .isEmpty();
            assertBackendsWereAskedForProfilesOnly(backend.calls());
            assertNothingIsLeft(service);
            assertProfile(service.get("/profiles/ada"), "ada");
        }
    }

    private static void answerButForNobody(Call call) throws IOException {
        if (call.id().equals("nobody")) {
            call.status(404);
        } else {
            call.answerWell();
        }
    }

    private void runAll(List<FuzzCase> cases, Service service) throws InterruptedException {
        try (ExecutorService clients =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            clients.invokeAll(cases.stream()
                    .map(fuzz -> Executors.callable(() -> run(fuzz, service.port())))
                    .toList());
        }
    }

    private void run(FuzzCase fuzz, int port) {
        try {
            check(fuzz, exchange(port, fuzz.bytes()));
        } catch (IOException | RuntimeException | AssertionError e) {
            failures.add(fuzz + "\n    " + e);
        }
    }

    /** Everything that comes back, one character for each byte. */
    private String exchange(int port, String bytes) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(HANGS_AFTER_MILLIS);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            socket.getInputStream().transferTo(received);
        } catch (SocketTimeoutException e) {
            throw new IOException("neither more bytes nor the end came after: " + received, e);
        } catch (IOException e) {
            // A reset is an end too.
            resets.incrementAndGet();
        }
        return received.toString(StandardCharsets.ISO_8859_1);
    }

    private void check(FuzzCase fuzz, String received) {
        List<Answer> answers = parse(received, fuzz.bytes().contains("HEAD"))
                .orElseThrow(() -> new AssertionError("not a sequence of whole answers: " + received));
        answers.forEach(HttpFuzzTest::checkAnswer);
        if (!fuzz.statuses().isEmpty()) {
            assertThat(answers).extracting(Answer::status).as(received).isEqualTo(fuzz.statuses());
        }
        answersFromBackends.addAndGet(
                (int) answers.stream().filter(Answer::cameFromBackends).count());
    }

    /** The backends work and there is room, so no request may cause a server error. */
    private static void checkAnswer(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isNotIn(500, 502, 503);
        assertThat(answer.headers()).containsKey("x-request-id");
        if (answer.status() >= 400) {
            assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
            if (!answer.body().isEmpty()) {
                JsonNode problem = JsonMapper.shared().readTree(answer.body().getBytes(StandardCharsets.ISO_8859_1));
                assertThat(problem.path("status").asInt()).isEqualTo(answer.status());
                if (REFUSED.contains(answer.status())) {
                    assertThat(problem.path("detail").stringValue()).isIn(DETAILS);
                }
            }
        }
    }

    /** Parses {@code bytes} into answers, without 100 (Continue); empty if they are not answers. */
    private static Optional<List<Answer>> parse(String bytes, boolean bodiesMayBeMissing) {
        if (bytes.isEmpty()) {
            return Optional.of(List.of());
        }
        int headEnd = bytes.indexOf("\r\n\r\n") + 2;
        Matcher head = HEAD.matcher(bytes).region(0, headEnd);
        if (!head.matches()) {
            return Optional.empty();
        }
        String rest = bytes.substring(headEnd + 2);
        int status = Integer.parseInt(head.group(1));
        if (status == CONTINUE) {
            return parse(rest, bodiesMayBeMissing);
        }
        Map<String, String> headers = headers(head.group(2));
        String length = headers.getOrDefault("content-length", "");
        if (!LENGTH.matcher(length).matches() || headers.containsKey("transfer-encoding")) {
            return Optional.empty();
        }
        // The method is not known here: after HEAD, the bytes behind the head are no body.
        return withBody(status, headers, rest, Integer.parseInt(length), bodiesMayBeMissing)
                .or(() -> bodiesMayBeMissing ? withBody(status, headers, rest, 0, true) : Optional.empty());
    }

    private static Optional<List<Answer>> withBody(
            int status, Map<String, String> headers, String rest, int length, boolean bodiesMayBeMissing) {
        if (length > rest.length()) {
            return Optional.empty();
        }
        Answer first = new Answer(status, headers, rest.substring(0, length));
        return parse(rest.substring(length), bodiesMayBeMissing)
                .map(others -> Stream.concat(Stream.of(first), others.stream()).toList());
    }

    /** By name in lower case; repeated names have both values. */
    private static Map<String, String> headers(String lines) {
        Map<String, String> headers = new HashMap<>();
        lines.lines()
                .map(line -> line.split(": ", 2))
                .forEach(halves -> headers.merge(
                        halves[0].toLowerCase(Locale.ROOT), halves[1], (one, other) -> one + ", " + other));
        return headers;
    }

    private void assertBackendsWereAskedForProfilesOnly(List<Call> calls) {
        assertThat(calls)
                .extracting(Call::target)
                .allSatisfy(target -> assertThat(target).matches(TARGET).doesNotContain(FuzzCase.HIDDEN_ID));
        assertThat(calls.stream().filter(call -> call.isFor("user")).count())
                .as("requests for profiles that were carried out; each has its answer; -Dmuster.test.seed=%d", seed)
                .isPositive()
                .isLessThanOrEqualTo(answersFromBackends.get() + (long) resets.get());
    }

    /** No one but the client waits for the last connection to end. */
    private static void assertNothingIsLeft(Service service) {
        Await.until(
                "no connection is open",
                () -> Scrape.of(service).sum("muster_server_open_connections", Map.of("listener", "server")) == 0);
        assertThat(Scrape.of(service).sum("http_server_active_requests", Map.of()))
                .isZero();
    }
}
