package dev.muster.profile;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Names;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import dev.muster.testing.SocketTable;
import dev.muster.testing.ThreadDump;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Each cause that ends a request while friends hangs, in each way to hang. The answer is the right one, and at that
 * moment nothing of the request is left.
 *
 * <p>"At that moment" needs care. The backend notices the end of its connection late, and the client reads its answer
 * late: their threads may have to wait. So neither their order nor their times prove anything. The test therefore waits
 * for the last byte of the answer, and then looks at three sources that are never late: the kernel's socket table,
 * where a socket leaves ESTABLISHED in the call that closes it; the service's count of permits; and a thread dump. What
 * they show was true before the answer was sent.
 */
class CausesTest {
    private static final String HANGS = "hangs";
    private static final String HOLDER = "holder";
    private static final String IPV4 = "127.0.0.1";
    /** For {@link Shape#CONNECT}: a listener at friends' port on this address accepts no connection. */
    private static final String IPV6 = "::1";

    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch holding = new CountDownLatch(1);
    private final CountDownLatch fail = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);
    /** Closed after the test: for example, sockets that fill a backlog. */
    private final List<AutoCloseable> opened = new ArrayList<>();
    /** The ports of connections to friends that belong to other requests. */
    private final Set<Integer> foreignPorts = new HashSet<>();

    private Script posts = Call::answerWell;
    private Script friends = Call::answerWell;
    private final FakeBackend userBackend = FakeBackend.start(Call::answerWell);
    private final FakeBackend postsBackend = FakeBackend.start(call -> answer(posts, call));
    private final FakeBackend friendsBackend = FakeBackend.start(call -> answer(friends, call));
    private Service service;

    /** A backend's answer to the request that hangs. */
    private interface Script extends FakeBackend.Script {}

    private void answer(Script script, Call call) throws Exception {
        if (call.id().equals(HANGS)) {
            script.answer(call);
        } else if (call.id().equals(HOLDER) && call.isFor("friends")) {
            holding.countDown();
            Await.latch(release);
            call.answerWell();
        } else {
            call.answerWell();
        }
    }

    /** The ways in which friends hangs. */
    enum Shape {
        SILENT,
        HALF_A_HEAD,
        BYTE_BY_BYTE,
        LOOK_UP,
        /** The call has not begun: another request has the only connection. */
        TURN,
        CONNECT;

        /** Whether the call has a connection, which must be closed at the end. */
        private boolean hasConnection() {
            return this == SILENT || this == HALF_A_HEAD || this == BYTE_BY_BYTE;
        }
    }

    static Stream<Arguments> everyCauseInEveryShape() {
        return Stream.of(Shape.values())
                .flatMap(shape -> Stream.of(Cause.values())
                        // A request that waits for its turn has no calls that could fail.
                        .filter(cause -> cause != Cause.SIBLING_FAILED || shape != Shape.TURN)
                        .map(cause -> Arguments.of(cause, shape)));
    }

    private void start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "backends.posts.base-uri", postsBackend.baseUri(),
                "backends.friends.base-uri", friendsBackend.baseUri()));
        all.putAll(settings);
        service = Service.start(userBackend.baseUri(), all);
    }

    @AfterEach
    void stop() throws Exception {
        release.countDown();
        fail.countDown();
        service.close();
        for (AutoCloseable each : opened) {
            each.close();
        }
        userBackend.close();
        postsBackend.close();
        friendsBackend.close();
    }

    @ParameterizedTest
    @MethodSource("everyCauseInEveryShape")
    void nothingOfARequestIsLeftWhenItsAnswerIsThere(Cause cause, Shape shape) throws Exception {
        prepare(cause, shape);
        try (RawConnection client = new RawConnection(service.port());
                RawConnection holder = new RawConnection(service.port());
                CapturedLog log = new CapturedLog()) {
            if (shape == Shape.TURN) {
                holdThePermit(holder);
            }
            Scrape before = Scrape.of(service);
            Set<String> foreignThreads = threads();

            requestUntilItEnds(client, cause, shape, foreignThreads);
            Response answer = readAnswer(client, cause);

            // The client has the last byte: what exists now also existed when the byte was sent.
            List<Integer> connections = openConnections();
            assertThat(newThreads(foreignThreads)).as("remaining threads").isEmpty();
            int idle = service.connections("friends", "idle");
            assertThat(connections).as("remaining connections").hasSize(idle);
            if (cause != Cause.DEADLINE) {
                // With a deadline, a slow machine may not make the call at all. Its connection then stays idle.
                assertThat(idle).as("idle connections").isZero();
            }
            assertThat(service.waiting("friends")).isZero();
            if (shape != Shape.TURN) {
                assertAllPoolsAreIdle();
            }
            assertAnswer(cause, answer, log);
            if (shape == Shape.TURN) {
                assertHolderEnds(holder, cause);
            }
            assertCounted(before, cause, shape == Shape.TURN && endsAllRequests(cause) ? 2 : 1);
            assertTheNextIsAnsweredOnANewConnection(shape, answer == null ? null : client);
            assertAllPoolsAreIdle();
        }
    }

    private void requestUntilItEnds(RawConnection client, Cause cause, Shape shape, Set<String> foreignThreads) {
        String path = "/profiles/" + HANGS;
        if (cause == Cause.DEADLINE) {
            // The deadline may pass at any moment, so nothing is checked before. The other causes show that there is
            // something to check.
            client.send("GET", path, "X-Request-Id: hangs", "x-envoy-expected-rq-timeout-ms: 300");
            return;
        }
        client.send("GET", path, "X-Request-Id: hangs");
        awaitHanging(shape);
        assertThat(newThreads(foreignThreads).isEmpty())
                .as("the request has no threads while it hangs")
                .isEqualTo(shape == Shape.TURN);
        assertThat(!openConnections().isEmpty())
                .as("the request has a connection while it hangs")
                .isEqualTo(shape.hasConnection() || shape == Shape.CONNECT);
        switch (cause) {
            case SIBLING_FAILED -> fail.countDown();
            // Half closed only: the client must see whether an answer comes.
            case CLIENT_GONE -> client.halfClose();
            case DEADLINE, SHUTDOWN -> service.cancelRequests(cause);
        }
    }

    private void prepare(Cause cause, Shape shape) throws IOException {
        if (cause == Cause.SIBLING_FAILED) {
            posts = call -> {
                Await.latch(fail);
                call.status(500);
            };
        }
        String name = (shape + "-" + cause.word() + ".test").replace("_", "");
        switch (shape) {
            case SILENT -> friends = call -> hang(call, "");
            case HALF_A_HEAD -> friends = call -> hang(call, "HTTP/1.1 200 OK\r\nContent-Ty");
            case BYTE_BY_BYTE -> friends = this::dribble;
            case LOOK_UP ->
                Names.script(name, () -> {
                    hanging.countDown();
                    Await.latch(release);
                    return Stream.of(InetAddress.ofLiteral(IPV4));
                });
            case CONNECT -> {
                Names.script(name, () -> Stream.of(IPV6, IPV4).map(InetAddress::ofLiteral));
                swallowConnections(friendsBackend.port());
            }
            // If all requests are cancelled, the holder may end first. Its permit may then go to this request.
            case TURN -> friends = call -> hang(call, "");
        }
        switch (shape) {
            case LOOK_UP, CONNECT -> start(Map.of("backends.friends.base-uri", friendsBackend.baseUri(name)));
            case TURN -> start(Map.of("backends.friends.max-connections", "1"));
            case SILENT, HALF_A_HEAD, BYTE_BY_BYTE -> {
                start(Map.of());
                // So the call that hangs is made on a connection that was used before.
                assertProfile(service.get("/profiles/ada"), "ada");
            }
        }
    }

    private void hang(Call call, String beginning) throws IOException {
        call.send(beginning);
        hanging.countDown();
        call.awaitPeerClosed();
    }

    /** Sends a byte each 50 ms until the connection is closed. */
    private void dribble(Call call) throws Exception {
        call.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n[");
        hanging.countDown();
        while (!never.await(50, TimeUnit.MILLISECONDS)) {
            call.send(" ");
        }
    }

    /** Listens on IPv6 with a full backlog, so that further connections are neither accepted nor refused. */
    private void swallowConnections(int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(IPV6), port);
        ServerSocket server = new ServerSocket();
        opened.add(server);
        server.bind(address, 1);
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            opened.add(channel);
            channel.configureBlocking(false);
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral(IPV6), 0));
            channel.connect(address);
            foreignPorts.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
        }
    }

    /** Lets another request hold friends' only permit. */
    private void holdThePermit(RawConnection holder) {
        holder.send("GET", "/profiles/" + HOLDER);
        Await.latch(holding);
        Await.until("the holder's other calls have ended", () -> threads().size() == 1);
        foreignPorts.addAll(SocketTable.openTo(friendsBackend.port()));
    }

    private void awaitHanging(Shape shape) {
        switch (shape) {
            case SILENT, HALF_A_HEAD, BYTE_BY_BYTE, LOOK_UP -> Await.latch(hanging);
            case TURN -> Await.until("the request waits for friends", () -> service.waiting("friends") == 1);
            case CONNECT ->
                Await.until(
                        "the request connects to friends",
                        () -> SocketTable.connectingTo(friendsBackend.port()).stream()
                                .anyMatch(port -> !foreignPorts.contains(port)));
        }
    }

    private static boolean endsAllRequests(Cause cause) {
        return cause == Cause.SHUTDOWN;
    }

    /** Reads the answer; null if the cause must close the connection without one. */
    private static Response readAnswer(RawConnection client, Cause cause) {
        if (cause == Cause.CLIENT_GONE) {
            assertThat(client.isClosedByPeer()).isTrue();
            return null;
        }
        return client.read("GET");
    }

    private List<Integer> openConnections() {
        return SocketTable.openTo(friendsBackend.port()).stream()
                .filter(port -> !foreignPorts.contains(port))
                .toList();
    }

    private static Set<String> threads() {
        return ThreadDump.take().threadsOfFanOuts().keySet();
    }

    private static Map<String, String> newThreads(Set<String> known) {
        Map<String, String> threads = ThreadDump.take().threadsOfFanOuts();
        threads.keySet().removeAll(known);
        return threads;
    }

    private void assertAllPoolsAreIdle() {
        for (String name : BackendNames.LABELS) {
            assertThat(service.connections(name, "active")).as(name).isZero();
            assertThat(service.waiting(name)).as(name).isZero();
        }
    }

    private static void assertAnswer(Cause cause, Response answer, CapturedLog log) {
        switch (cause) {
            case SIBLING_FAILED -> assertProblem(answer, 502, "backend-failed", "posts");
            case DEADLINE -> assertCancelled(answer, 504, "deadline-exceeded", "deadline");
            case SHUTDOWN -> {
                assertCancelled(answer, 503, "draining", "shutdown");
                assertThat(answer.header("Retry-After")).matches("[0-9]+");
            }
            case CLIENT_GONE ->
                assertThat(log.line("hangs").fields())
                        .containsEntry("status", 499)
                        .containsEntry("outcome", "client-gone");
        }
        if (answer != null) {
            assertThat(answer.header("Server-Timing"))
                    .containsPattern("friends;dur=[0-9.]+;desc=\"cancelled: " + cause.word() + "\"");
        }
    }

    private static void assertCancelled(Response answer, int status, String type, String cause) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        JsonNode problem = answer.json();
        assertThat(problem.path("type").asString()).isEqualTo("/problems/" + type);
        assertThat(problem.path("cause").asString()).isEqualTo(cause);
        assertThat(problem.has("backend")).as(answer.body()).isFalse();
    }

    private void assertHolderEnds(RawConnection holder, Cause cause) {
        switch (cause) {
            case SHUTDOWN -> assertThat(holder.read("GET").status()).isEqualTo(503);
            case SIBLING_FAILED, DEADLINE, CLIENT_GONE -> {
                assertThat(service.connections("friends", "active")).isEqualTo(1);
                release.countDown();
                assertProfile(holder.read("GET"), HOLDER);
            }
        }
    }

    private void assertCounted(Scrape before, Cause cause, int times) {
        Scrape after = Scrape.of(service);
        for (Cause each : Cause.values()) {
            Map<String, String> label = Map.of("cause", each.word());
            assertThat(after.sum("muster_cancellations_total", label) - before.sum("muster_cancellations_total", label))
                    .as(each.word())
                    .isEqualTo(each == cause ? times : 0);
        }
    }

    /** Asks again, through {@code client} if it is not null: no interrupt may be left on its thread. */
    private void assertTheNextIsAnsweredOnANewConnection(Shape shape, RawConnection client) {
        release.countDown();

        if (client == null) {
            assertProfile(service.get("/profiles/bob"), "bob");
        } else {
            client.send("GET", "/profiles/bob");
            assertProfile(client.read("GET"), "bob");
        }

        // Empty on a machine so slow that the deadline passed before the call.
        List<Call> hung = friendsBackend.calls().stream()
                .filter(call -> call.id().equals(HANGS))
                .toList();
        if (shape == Shape.LOOK_UP || shape == Shape.CONNECT) {
            assertThat(hung).as("calls without a connection").isEmpty();
        } else {
            assertThat(hung).hasSizeLessThanOrEqualTo(1);
        }
        for (Call call : hung) {
            friendsBackend.awaitClosed(call.connection());
            assertThat(friendsBackend.calls().getLast().id()).isEqualTo("bob");
            assertThat(friendsBackend.calls().getLast().connection()).isNotEqualTo(call.connection());
        }
    }

    @Test
    void aLenientRequestGoesWithoutWhatHangsWhenItsDeadlinePasses() {
        friends = call -> hang(call, "");
        start(Map.of());
        // Loads all classes, so that the other two backends take milliseconds of the two seconds.
        assertProfile(service.get("/profiles/ada"), "ada");
        Scrape before = Scrape.of(service);

        Response answer =
                service.get("/profiles/" + HANGS, "Prefer: handling=lenient", "x-envoy-expected-rq-timeout-ms: 2000");

        assertThat(openConnections()).isEmpty();
        assertThat(threads()).isEmpty();
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonNode profile = answer.json();
        assertThat(profile.at("/posts/0/id").asString()).isEqualTo("p-" + HANGS);
        assertThat(profile.has("friends")).isFalse();
        assertThat(profile.path("errors").size()).isEqualTo(1);
        assertThat(profile.at("/errors/0/backend").asString()).isEqualTo("friends");
        assertThat(profile.at("/errors/0/type").asString()).isEqualTo("/problems/deadline-exceeded");
        assertThat(answer.header("Server-Timing")).containsPattern("friends;dur=[0-9.]+;desc=\"cancelled: deadline\"");
        assertCounted(before, Cause.DEADLINE, 1);
    }

    @Test
    void aLenientRequestGetsNoHalfAnswerFromAServiceThatShutsDown() {
        friends = call -> hang(call, "");
        start(Map.of());
        var answer = service.getAsync("/profiles/" + HANGS, "Prefer: handling=lenient");
        Await.latch(hanging);
        Await.until("all backends but friends have answered", () -> threads().size() == 1);

        service.cancelRequests(Cause.SHUTDOWN);

        assertCancelled(Await.result(answer), 503, "draining", "shutdown");
    }

    @Test
    void anOptionalBranchThatDribblesIsMissingOnceItsOwnTimeoutHasPassed() {
        posts = this::dribble;
        start(Map.of("backends.posts.timeout", "PT0.2S"));
        Scrape before = Scrape.of(service);

        Response answer = service.get("/profiles/" + HANGS, "Prefer: handling=lenient");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("Profile-Complete")).isEqualTo("false");
        JsonNode profile = answer.json();
        assertThat(profile.at("/user/id").asString()).isEqualTo(HANGS);
        assertThat(profile.at("/friends/0/id").asString()).isEqualTo("f-" + HANGS);
        assertThat(profile.has("posts")).isFalse();
        assertThat(profile.path("errors").size()).isEqualTo(1);
        assertThat(profile.at("/errors/0/backend").asString()).isEqualTo("posts");
        assertThat(profile.at("/errors/0/type").asString()).isEqualTo("/problems/deadline-exceeded");
        assertThat(profile.at("/errors/0/elapsedMs").asDouble()).isBetween(180.0, 8000.0);
        assertEndedByItsOwnTimeout(before, answer);
    }

    @Test
    void aBranchThatDribblesIsGatewayTimeoutInAStrictRequestOnceItsOwnTimeoutHasPassed() {
        posts = this::dribble;
        start(Map.of("backends.posts.timeout", "PT0.2S"));
        Scrape before = Scrape.of(service);

        Response answer = service.get("/profiles/" + HANGS, "Prefer: handling=strict");

        assertProblem(answer, 504, "deadline-exceeded", "posts");
        assertEndedByItsOwnTimeout(before, answer);
    }

    /** By its own timeout of 200 ms, not by the deadline of 10 s: the words in the answer show it without a clock. */
    private void assertEndedByItsOwnTimeout(Scrape before, Response answer) {
        assertThat(SocketTable.openTo(postsBackend.port())).isEmpty();
        assertThat(threads()).isEmpty();
        assertThat(answer.header("Server-Timing")).containsPattern("posts;dur=[0-9.]+;desc=\"timed-out\"");
        assertThat(Scrape.of(service).sum("muster_cancellations_total", Map.of("cause", "deadline")))
                .isEqualTo(before.sum("muster_cancellations_total", Map.of("cause", "deadline")));
        assertAllPoolsAreIdle();
    }
}
