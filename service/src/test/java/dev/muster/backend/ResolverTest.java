package dev.muster.backend;

import static dev.muster.testing.Answers.assertDeadlinePassed;
import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Names;
import dev.muster.testing.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A posts backend whose name a scripted name service looks up. Every test has its own name. */
class ResolverTest {
    private static final String IPV4 = "127.0.0.1";
    /** Nobody listens here on the backend's port. */
    private static final String IPV6 = "::1";

    private final FakeBackend posts = FakeBackend.start(call -> call.json(call.goodBody(), "Connection: close"));
    private final FakeBackend others = FakeBackend.start(Call::answerWell);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger lookups = new AtomicInteger();
    private Service service;

    private void start(String name, Names.Lookup lookup, Map<String, String> settings) {
        Names.script(name, () -> {
            lookups.incrementAndGet();
            return lookup.addresses();
        });
        Map<String, String> all = new HashMap<>(settings);
        all.put("backends.posts.base-uri", posts.baseUri(name));
        service = Service.start(others.baseUri(), all);
    }

    @AfterEach
    void stop() {
        release.countDown();
        service.close();
        posts.close();
        others.close();
    }

    @Test
    void aLookUpThatHangsEndsTheRequestAtItsDeadline() {
        start("hang.test", this::hang, Map.of("deadline.default", "PT0.2S"));

        assertDeadlinePassed(service.get("/profiles/ada"), "posts");
    }

    @Test
    void aLookUpThatHangsDoesNotKeepTheServiceFromClosing() {
        start("hang-and-close.test", this::hang, Map.of("deadline.default", "PT0.2S"));
        service.get("/profiles/ada");

        assertTimeout(Duration.ofSeconds(4), service::close);
    }

    private Stream<InetAddress> hang() {
        Await.latch(release);
        return addresses(IPV4);
    }

    @Test
    void manyRequestsWaitForOneLookUp() {
        start("slow.test", this::hang, Map.of());
        var answers = Stream.of("a", "b", "c")
                .map(id -> service.getAsync("/profiles/" + id))
                .toList();
        Await.until("all wait", () -> service.connections("posts", "active") == answers.size());

        release.countDown();

        answers.forEach(answer -> assertThat(Await.result(answer).status()).isEqualTo(200));
        assertThat(lookups).hasValue(1);
    }

    @Test
    void aNameThatIsUnknownIsBadGateway() {
        start("unknown.test", ResolverTest::unknown, Map.of());

        assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");
    }

    @Test
    void aLookUpThatFailedIsMadeAgainForTheNextRequest() {
        start("fail-then-ok.test", () -> lookups.get() == 1 ? unknown() : addresses(IPV4), Map.of());
        assertThat(service.get("/profiles/ada").status()).isEqualTo(502);

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void theLastGoodAnswerIsKeptWhileLaterLookUpsFail() {
        start(
                "ok-then-fail.test",
                () -> lookups.get() == 1 ? addresses(IPV4) : unknown(),
                Map.of("backends.posts.dns-refresh", "PT0.000001S"));
        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/ada"), "ada");
        Await.until("a look-up has failed", () -> lookups.get() >= 2);

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void theLastGoodAnswerIsUsedWhileALaterLookUpHangs() {
        start(
                "ok-then-hang.test",
                () -> lookups.get() == 1 ? addresses(IPV4) : hang(),
                Map.of("backends.posts.dns-refresh", "PT0.000001S"));
        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/ada"), "ada");
        Await.until("a look-up hangs", () -> lookups.get() == 2);

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void aNewAddressIsUsedOnceItIsKnown() throws IOException {
        try (FakeBackend old = FakeBackend.start(IPV6, call -> call.json(call.goodBody(), "Connection: close"))) {
            Names.script("moves.test", () -> lookups.incrementAndGet() == 1 ? addresses(IPV6) : addresses(IPV4));
            service = Service.start(
                    others.baseUri(),
                    Map.of(
                            "backends.user.base-uri",
                            old.baseUri("moves.test"),
                            "backends.user.dns-refresh",
                            "PT0.000001S"));
            assertThat(service.get("/profiles/ada").status()).isEqualTo(200);
            assertThat(old.calls()).hasSize(1);

            // Nobody listens on IPv4: a refused call shows that the new address is in use.
            Await.until(
                    "the new address is in use",
                    () -> service.get("/profiles/ada").status() == 502);
        }
    }

    @Test
    void theSecondAddressIsTriedWhereTheFirstIsDead() {
        start("two.test", () -> addresses(IPV6, IPV4), Map.of());

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");
    }

    @Test
    void aNameWithOnlyDeadAddressesIsLookedUpAgainSoon() {
        start("dead-then-ok.test", () -> lookups.get() == 1 ? addresses(IPV6) : addresses(IPV4), Map.of());
        assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");

        Await.until("it is looked up again", () -> lookups.get() == 2);
        Await.until("it is found", () -> service.get("/profiles/ada").status() == 200);
    }

    @Test
    void anAddressThatSwallowsConnectionsIsNotTriedFirstForEver() throws IOException {
        try (var _ = swallowConnections(posts.port())) {
            start("swallow.test", () -> addresses(IPV6, IPV4), Map.of("backends.posts.timeout", "PT0.5S"));
            assertProblem(service.get("/profiles/ada"), 504, "deadline-exceeded", "posts");

            assertProfile(service.get("/profiles/ada"), "ada");
        }
    }

    /** Listens on IPv6 with a full backlog: new connections are neither accepted nor refused. */
    private static AutoCloseableSockets swallowConnections(int port) throws IOException {
        AutoCloseableSockets sockets = new AutoCloseableSockets();
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(IPV6), port);
        sockets.server.bind(address, 1);
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            sockets.clients.add(channel);
            channel.configureBlocking(false);
            channel.connect(address);
        }
        return sockets;
    }

    private static final class AutoCloseableSockets implements AutoCloseable {
        private final ServerSocket server = new ServerSocket();
        private final List<SocketChannel> clients = new ArrayList<>();

        AutoCloseableSockets() throws IOException {}

        @Override
        public void close() throws IOException {
            server.close();
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    private static Stream<InetAddress> addresses(String... literals) {
        return Stream.of(literals).map(InetAddress::ofLiteral);
    }

    private static Stream<InetAddress> unknown() throws UnknownHostException {
        throw new UnknownHostException("scripted");
    }
}
