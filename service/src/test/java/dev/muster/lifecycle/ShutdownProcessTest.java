package dev.muster.lifecycle;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Main;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Scrape;
import dev.muster.testing.ServiceProcess;
import dev.muster.testing.ServiceProcess.Launch;
import dev.muster.testing.SocketTable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What signals do to the real process, as seen by clients, by backends, in the log and in the exit code. */
class ShutdownProcessTest {
    /** Its friends are answered after {@link #release}. */
    private static final String HELD = "held";

    /** Its friends are never answered. */
    private static final String STALLED = "stalled";

    /** None of its calls is answered. */
    private static final String SILENT = "silent";

    /** Its posts are more than socket buffers hold. */
    private static final String LARGE = "large";

    private static final int LARGE_BODY = 20 << 20;

    /** Longer than anything here takes. */
    private static final String LONG = "PT20S";

    private static final String NONE = "PT0S";

    private static final String GOING = "inFlight=0 connections=0";

    @TempDir
    Path directory;

    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private ServiceProcess service;

    private void answer(Call call) throws Exception {
        switch (call.id()) {
            case HELD -> {
                if (call.isFor("friends")) {
                    Await.latch(release);
                }
                call.answerWell();
            }
            case STALLED -> {
                if (call.isFor("friends")) {
                    call.awaitPeerClosed();
                } else {
                    call.answerWell();
                }
            }
            case SILENT -> call.awaitPeerClosed();
            case LARGE -> {
                String body = call.goodBody();
                call.json(call.isFor("posts") ? body.replace("Text", "x".repeat(LARGE_BODY)) : body);
            }
            default -> call.answerWell();
        }
    }

    @AfterEach
    void stop() {
        release.countDown();
        if (service != null) {
            service.close();
        }
        backend.close();
    }

    /** Exits when its standard input ends. */
    static final class EndsWithInput {
        private EndsWithInput() {}

        public static void main(String[] args) throws IOException {
            Main.main(args);
            while (System.in.read() >= 0) {
                // the input is ignored
            }
            System.exit(0);
        }
    }

    /** Fails twice when its standard input ends. */
    static final class FailsWithInput {
        private FailsWithInput() {}

        public static void main(String[] args) throws IOException {
            ProcessEnd end = ProcessEnd.install();
            end.runs(why -> {
                System.out.println("ends in order: " + why);
                return Shutdown.CLEAN;
            });
            while (System.in.read() >= 0) {
                // the input is ignored
            }
            end.fail("out of order");
            end.fail("again");
        }
    }

    /** TLS handshakes hang despite interrupts: they lack entropy, as on old kernels. */
    static final class HangsInTls {
        private HangsInTls() {}

        public static void main(String[] args) throws Exception {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, null, new Dry());
            SSLContext.setDefault(context);
            Main.main(args);
        }

        private static final class Dry extends SecureRandom {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                while (Thread.currentThread().isVirtual()) {
                    LockSupport.park();
                    Thread.interrupted();
                }
            }
        }
    }

    private Launch serve() {
        return ServiceProcess.launch("serve").backends(backend.baseUri());
    }

    /** A service with these times for its shutdown. */
    private Launch serve(String linger, String drain, String cancel) {
        return serve().set("shutdown.linger", linger)
                .set("shutdown.drain", drain)
                .set("shutdown.cancel", cancel);
    }

    private void start(Launch launch) {
        service = launch.start().awaitServing();
    }

    private RawConnection connect() {
        return new RawConnection(service.port());
    }

    /** An open connection that has served one request. */
    private RawConnection connectAndGet() {
        RawConnection client = connect();
        RawConnection.Response response = get(client, "ada");
        assertProfile(response, "ada");
        assertThat(response.header("Connection")).isNotEqualTo("close");
        return client;
    }

    private static RawConnection.Response get(RawConnection client, String id, String... headers) {
        client.send("GET", "/profiles/" + id, headers);
        return client.read("GET");
    }

    /** A request that waits for the friends' answer only. */
    private RawConnection request(String id, String... headers) {
        RawConnection client = connect();
        client.send("GET", "/profiles/" + id, headers);
        Await.until(
                "only friends are missing",
                () -> inFlight()
                        .at("/requests/0/waitingFor")
                        .equals(JsonMapper.shared().readTree("[\"friends\"]")));
        return client;
    }

    private JsonNode inFlight() {
        return service.admin("/in-flight").json();
    }

    private int phase() {
        return (int) Scrape.of(service.admin("/metrics")).samples("muster_shutdown_phase", Map.of()).stream()
                .mapToDouble(Scrape.Sample::value)
                .findFirst()
                .orElseThrow();
    }

    /** Sends the signal, and waits until the log says that the shutdown begins. */
    private void tell(String signal) {
        service.signal(signal);
        service.awaitLine("shutdown begins");
    }

    private void awaitRefused() {
        Await.until("connections are refused", () -> ServiceProcess.refuses(service.port()));
    }

    /** Asks until an answer closes the connection, a moment after the port is closed. Returns how often it asked. */
    private static int askUntilClosing(RawConnection client) {
        int asked = 0;
        RawConnection.Response response;
        do {
            response = get(client, "grace");
            assertProfile(response, "grace");
            asked++;
        } while (response.header("Connection") == null);
        assertClosing(client, response);
        return asked;
    }

    private static void assertClosing(RawConnection client, RawConnection.Response response) {
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.isClosedByPeer()).isTrue();
    }

    private static void assertDraining(RawConnection client, RawConnection.Response response, String cause) {
        assertProblem(response, 503, "draining");
        assertThat(response.header("Retry-After")).isEqualTo("1");
        assertThat(response.json().path("cause").asString(null)).isEqualTo(cause);
        assertClosing(client, response);
    }

    private void assertExit(int code) {
        assertThat(service.awaitExit())
                .as(() -> service.out() + "\n" + service.err())
                .isEqualTo(code);
        assertThat(service.err()).isEmpty();
    }

    /** All lines but those of requests, without times. The last of them must be the log's last line. */
    private List<String> log() {
        List<String> lines = lines();
        if (!lines.isEmpty()) {
            assertThat(withoutTimes(service.out().getLast())).isEqualTo(lines.getLast());
        }
        return lines;
    }

    private List<String> lines() {
        List<String> lines = service.out().stream()
                .filter(line -> line.matches("[0-9:.]{12} .*"))
                .filter(line -> !line.contains("INFO request "))
                .map(ShutdownProcessTest::withoutTimes)
                .toList();
        assertThat(lines.getFirst()).startsWith("INFO serving on ");
        return lines.subList(1, lines.size());
    }

    private static String withoutTimes(String line) {
        return line.substring(13).replaceAll("(durationMs|ageMs)=[0-9.]+", "$1=?");
    }

    private static String begins(String reason, String counts) {
        return "INFO shutdown begins reason=" + reason + " " + counts + " completed=0 cancelled=0";
    }

    private static String stopAccepting(String counts) {
        return "INFO shutdown: stop accepting phase=1 " + counts + " durationMs=?";
    }

    private static String waited(String counts) {
        return "INFO shutdown: wait phase=3 " + counts + " durationMs=?";
    }

    private static String complete(String counts) {
        return "INFO shutdown complete " + counts + " durationMs=?";
    }

    @ParameterizedTest
    @CsvSource({"TERM", "INT"})
    void nobodyIsWaitedForWhereNobodyIs(String signal) {
        start(serve(LONG, LONG, LONG));
        service.signal(signal);
        assertExit(0);
        assertThat(log())
                .containsExactly(
                        begins("SIG" + signal, GOING),
                        stopAccepting(GOING + " completed=0 cancelled=0"),
                        complete(GOING + " completed=0 cancelled=0 abandoned=0"));
        assertThat(durationMillis()).isLessThan(10_000);
    }

    private double durationMillis() {
        return Double.parseDouble(service.out().getLast().replaceAll(".*durationMs=", ""));
    }

    @Test
    void aProcessThatIsOfNoUseAnyMoreSaysSoAndEndsInOrderOnceWith70() {
        service = ServiceProcess.launch("serve").main(FailsWithInput.class).start();

        service.endInput();

        assertThat(service.awaitExit()).isEqualTo(70);
        assertThat(service.out()).containsExactly("ends in order: failure");
        assertThat(service.err()).anyMatch(line -> line.contains("ends with 70: out of order"));
    }

    @Test
    void whatIsInFlightEndsByItself() {
        int asked;
        start(serve(LONG, LONG, LONG));
        try (RawConnection asks = connectAndGet();
                RawConnection idles = connectAndGet();
                RawConnection held = request(HELD, "X-Request-Id: held-1")) {
            tell("TERM");
            assertThat(service.admin("/health/ready").status()).isEqualTo(503);
            awaitRefused();

            assertThat(service.admin("/health/ready").status()).isEqualTo(503);
            assertThat(service.admin("/health/live").status()).isEqualTo(200);
            assertThat(service.admin("/health/started").status()).isEqualTo(200);
            assertThat(phase()).isEqualTo(1);
            assertThat(inFlight().path("count").asInt()).isEqualTo(1);
            JsonNode request = inFlight().at("/requests/0");
            assertThat(request.path("method").asString()).isEqualTo("GET");
            assertThat(request.path("path").asString()).isEqualTo("/profiles/" + HELD);
            assertThat(request.path("requestId").asString()).isEqualTo("held-1");
            assertThat(request.path("ageMs").asDouble()).isPositive();

            asked = askUntilClosing(asks);
            assertThat(SocketTable.openAt(service.port())).contains(idles.localPort());
            idles.halfClose();

            release.countDown();
            RawConnection.Response released = held.read("GET");
            assertProfile(released, HELD);
            assertClosing(held, released);
        }
        assertExit(0);
        assertThat(log())
                .containsExactly(
                        begins("SIGTERM", "inFlight=1 connections=3"),
                        stopAccepting(GOING + " completed=" + (asked + 1) + " cancelled=0"),
                        complete(GOING + " completed=" + (asked + 1) + " cancelled=0 abandoned=0"));
        assertThat(service.out()).anyMatch(line -> line.contains("status=200") && line.contains("requestId=held-1"));
    }

    @Test
    void theLogSaysItInJsonToo() {
        start(serve(LONG, LONG, LONG).set("log.format", "json"));
        try (RawConnection held = request(HELD)) {
            tell("TERM");
            release.countDown();
            assertProfile(held.read("GET"), HELD);
        }
        assertExit(0);
        List<JsonNode> lines =
                service.out().stream().map(JsonMapper.shared()::readTree).toList();
        List<JsonNode> shutdown = lines.stream()
                .filter(line -> line.path("message").asString().startsWith("shutdown"))
                .toList();
        assertThat(shutdown)
                .extracting(line -> line.path("message").asString())
                .containsExactly("shutdown begins", "shutdown: stop accepting", "shutdown complete");
        assertThat(shutdown.getLast()).isEqualTo(lines.getLast());
        assertThat(shutdown.getFirst().path("reason").asString()).isEqualTo("SIGTERM");
        assertThat(shutdown.get(1).path("phase").isIntegralNumber()).isTrue();
        assertThat(shutdown).allSatisfy(line -> {
            assertThat(line.path("level").asString()).isEqualTo("INFO");
            for (String count : List.of("inFlight", "connections", "completed", "cancelled")) {
                assertThat(line.path(count).isIntegralNumber()).as(count).isTrue();
            }
        });
        assertThat(shutdown.getFirst().path("inFlight").asInt()).isEqualTo(1);
        assertThat(shutdown.getLast().path("completed").asInt()).isEqualTo(1);
        assertThat(shutdown.getLast().path("abandoned").isIntegralNumber()).isTrue();
        assertThat(shutdown.getLast().path("durationMs").asDouble()).isPositive();
    }

    /** A second signal ends the lame duck here. */
    @Test
    void aLameDuckServesAsBefore() {
        start(serve().set("shutdown.lame-duck", "PT5M"));
        try (RawConnection open = connectAndGet()) {
            tell("TERM");
            assertThat(service.admin("/health/ready").status()).isEqualTo(503);
            assertThat(service.admin("/health/live").status()).isEqualTo(200);
            assertThat(phase()).isEqualTo(1);
            for (String id : List.of("grace", "alan")) {
                RawConnection.Response response = get(open, id);
                assertProfile(response, id);
                assertThat(response.headers()).doesNotContainKey("connection");
            }
            connectAndGet().close();
        }
        service.signal("TERM");
        assertExit(143);
    }

    /** It checks lower bounds only, so a slow machine breaks none. */
    @Test
    void anIdleConnectionIsClosedOnceItHasLingered() {
        start(serve("PT0.3S", LONG, LONG).set("shutdown.lame-duck", "PT0.3S"));
        try (RawConnection idles = connectAndGet();
                RawConnection held = request(HELD)) {
            long told = System.nanoTime();
            tell("TERM");
            awaitRefused();
            assertThat(Duration.ofNanos(System.nanoTime() - told)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
            assertThat(idles.isClosedByPeer()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - told)).isGreaterThanOrEqualTo(Duration.ofMillis(600));

            release.countDown();
            RawConnection.Response response = held.read("GET");
            assertProfile(response, HELD);
            assertClosing(held, response);
        }
        assertExit(0);
        assertThat(log())
                .containsExactly(
                        begins("SIGTERM", "inFlight=1 connections=2"),
                        stopAccepting(GOING + " completed=1 cancelled=0"),
                        complete(GOING + " completed=1 cancelled=0 abandoned=0"));
    }

    @Test
    void whatDoesNotEndIsCancelled() {
        start(serve("PT0.1S", "PT0.3S", LONG));
        try (RawConnection client = connect()) {
            client.send("GET", "/profiles/" + SILENT);
            backend.awaitRequests(1);
            tell("TERM");
            RawConnection.Response response = client.read("GET");
            assertThat(SocketTable.openTo(backend.port())).isEmpty();
            assertDraining(client, response, "shutdown");
        }
        for (Call call : backend.calls()) {
            backend.awaitClosed(call.connection());
        }
        assertExit(0);
        assertCancelled(1);
    }

    @Test
    void whoIsLenientIsCancelledTooForAnotherInstanceHasItAll() {
        start(serve("PT0.1S", "PT0.3S", LONG));
        try (RawConnection client = request(STALLED, "Prefer: handling=lenient")) {
            backend.awaitRequests(1);
            Call stalled = backend.calls().stream()
                    .filter(call -> call.isFor("friends"))
                    .findAny()
                    .orElseThrow();
            tell("TERM");
            RawConnection.Response response = client.read("GET");
            assertThat(SocketTable.openTo(backend.port())).doesNotContain(stalled.peerPort());
            assertDraining(client, response, "shutdown");
            backend.awaitClosed(stalled.connection());
        }
        assertExit(0);
        assertCancelled(1);
    }

    private void assertCancelled(int count) {
        List<String> lines = log();
        assertThat(lines).hasSize(5);
        String open = "inFlight=" + count + " connections=" + count;
        assertThat(lines.getFirst()).isEqualTo(begins("SIGTERM", open));
        assertThat(lines.get(1)).isEqualTo(stopAccepting(open + " completed=0 cancelled=0"));
        // The scheduler decides how many have ended by then.
        assertThat(lines.get(2)).startsWith("INFO shutdown: cancel phase=2 inFlight=");
        assertThat(lines.get(3)).isEqualTo(waited(GOING + " completed=0 cancelled=" + count));
        assertThat(lines.getLast()).isEqualTo(complete(GOING + " completed=0 cancelled=" + count + " abandoned=0"));
    }

    @Test
    void whatHasNotArrivedToItsEndIsGivenUp() {
        start(serve("PT0.1S", "PT0.3S", LONG));
        try (RawConnection head = connect();
                RawConnection body = connect()) {
            // A half request behind a whole one: once the whole one is answered, the half has been read.
            head.sendRaw("GET /problems HTTP/1.1\r\nHost: test\r\n\r\nGET /profiles/ada HTTP/1.1\r\nHo");
            assertThat(head.read("GET").status()).isEqualTo(200);
            body.send("GET", "/profiles/ada", "Content-Length: 10");
            body.sendRaw("abc");
            Await.until(
                    "the head of the other request was read",
                    () -> inFlight().path("count").asInt() == 1);
            tell("TERM");
            assertDraining(head, head.read("GET"), null);
            assertDraining(body, body.read("GET"), null);
        }
        assertExit(0);
        assertThat(backend.calls()).isEmpty();
        List<String> lines = log();
        assertThat(lines).hasSize(5);
        assertThat(lines.getFirst()).isEqualTo(begins("SIGTERM", "inFlight=1 connections=2"));
        assertThat(lines.getLast()).isEqualTo(complete(GOING + " completed=0 cancelled=2 abandoned=0"));
    }

    @Test
    void whatNothingEndsIsAbandoned() {
        start(serve(NONE, "PT0.3S", "PT0.1S")
                .set("backends.posts.max-body", Integer.toString(2 * LARGE_BODY))
                .set("connection.write-timeout", "PT1M"));
        try (RawConnection client = new RawConnection(service.port(), 4096)) {
            client.send("GET", "/profiles/" + LARGE, "X-Request-Id: large-1");
            assertThat(client.hasMore()).isTrue();
            service.signal("TERM");
            assertExit(75);
        }
        assertAbandoned("path=/profiles/" + LARGE + " requestId=large-1 ageMs=?", "GuardedWriter");
    }

    @Test
    void aCallThatIgnoresThatItIsInterruptedIsAbandoned() {
        startThatHangs(serve(NONE, "PT0.3S", "PT0.1S"));
        try (RawConnection client = request(STALLED, "X-Request-Id: stalled-1")) {
            service.signal("TERM");
            assertThat(client.hasMore()).isFalse();
            assertExit(75);
        }
        assertAbandoned("path=/profiles/" + STALLED + " requestId=stalled-1 ageMs=? waitingFor=friends", "FanOut");
    }

    /** Starts a service whose connections to the friends backend hang and cannot be ended. */
    private void startThatHangs(Launch launch) {
        start(launch.main(HangsInTls.class).set("backends.friends.base-uri", "https://127.0.0.1:" + backend.port()));
    }

    private void assertAbandoned(String what, String where) {
        String open = "inFlight=1 connections=1 completed=0 cancelled=0";
        // An abandoned request may end at the same time as the process, and write its line last.
        assertThat(lines())
                .containsExactly(
                        begins("SIGTERM", "inFlight=1 connections=1"),
                        stopAccepting(open),
                        "INFO shutdown: cancel phase=2 " + open + " durationMs=?",
                        waited(open),
                        "WARNING request abandoned method=GET " + what,
                        complete(open + " abandoned=1"));
        assertThat(service.out())
                .anyMatch(line -> line.startsWith("    ") && line.contains("at dev.muster") && line.contains(where));
    }

    @Test
    void theWaitForWhatWasCancelledCanBeSeen() {
        startThatHangs(serve(NONE, NONE, LONG));
        try (RawConnection _ = request(STALLED)) {
            tell("TERM");
            service.awaitLine("shutdown: cancel");
            Await.until("the last phase is told", () -> phase() == 3);
            assertThat(service.admin("/health/live").status()).isEqualTo(200);
            assertThat(inFlight().at("/requests/0/waitingFor/0").asString()).isEqualTo("friends");
            service.signal("TERM");
            assertExit(143);
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, TERM, 143", "TERM, INT, 130"})
    void theSecondSignalEndsItAtOnce(String first, String second, int code) {
        start(serve(LONG, LONG, LONG));
        try (RawConnection client = request(HELD)) {
            tell(first);
            service.signal(second);
            assertExit(code);
            assertThat(client.hasMore()).isFalse();
        }
        assertThat(log())
                .containsExactly(
                        begins("SIG" + first, "inFlight=1 connections=1"),
                        "WARNING second signal SIG" + second + ", ends at once");
    }

    /** The log is not checked, as the JDK's own hook closes it meanwhile. */
    @Test
    void aSignalThatOnlyTheJvmHandlesLosesNoRequestEither() {
        start(serve(LONG, LONG, LONG));
        try (RawConnection asks = connectAndGet();
                RawConnection held = request(HELD)) {
            service.signal("HUP");
            awaitRefused();
            askUntilClosing(asks);
            assertReleased(held);
        }
        assertExit(129);
    }

    private void assertReleased(RawConnection held) {
        assertThat(service.admin("/health/ready").status()).isEqualTo(503);
        release.countDown();
        RawConnection.Response response = held.read("GET");
        assertProfile(response, HELD);
        assertClosing(held, response);
    }

    @Test
    void anExitLosesNoRequestWhereSignalsAreLeftToTheSystem() {
        start(serve(LONG, LONG, LONG).java("-Xrs").main(EndsWithInput.class));
        try (RawConnection asks = connectAndGet();
                RawConnection held = request(HELD)) {
            service.endInput();
            awaitRefused();
            askUntilClosing(asks);
            assertReleased(held);
        }
        assertThat(service.awaitExit()).isZero();
    }

    @Test
    void whereSignalsAreLeftToTheSystemItSaysSo() {
        start(serve(LONG, LONG, LONG).java("-Xrs"));
        try (RawConnection client = request(HELD)) {
            service.signal("TERM");
            assertThat(service.awaitExit()).isEqualTo(143);
            assertThat(client.hasMore()).isFalse();
        }
        assertThat(service.err())
                .containsExactly(
                        "muster: the JVM leaves signals to the system (-Xrs): SIGTERM ends this process at once,"
                                + " and loses what is in flight");
        assertThat(log()).isEmpty();
    }

    @Test
    void aSignalDuringTheStartIsObeyedAfterIt() {
        Configuration file = startThatReads();
        service.signal("TERM");
        service.awaitThread("shutdown");
        file.write("shutdown.linger: PT0S\n");
        assertExit(0);
        assertThat(log())
                .containsExactly(
                        begins("SIGTERM", GOING),
                        stopAccepting(GOING + " completed=0 cancelled=0"),
                        complete(GOING + " completed=0 cancelled=0 abandoned=0"));
    }

    @Test
    void aSecondSignalDuringTheStartEndsIt() {
        startThatReads();
        service.signal("TERM");
        service.awaitThread("shutdown");
        service.signal("TERM");
        assertThat(service.awaitExit()).isEqualTo(143);
        assertThat(service.out()).isEmpty();
        assertThat(service.err()).anyMatch(line -> line.contains("second signal SIGTERM, ends at once"));
    }

    @Test
    void aStartThatFailsAfterASignalHasItsOwnCode() {
        Configuration file = startThatReads();
        service.signal("TERM");
        service.awaitThread("shutdown");
        file.write("no-such: key\n");
        assertThat(service.awaitExit()).isEqualTo(78);
        assertThat(service.out()).isEmpty();
        assertThat(service.err()).anyMatch(line -> line.contains("no-such"));
    }

    /** Starts a service that waits for its configuration. */
    private Configuration startThatReads() {
        Configuration file = Configuration.in(directory);
        service = serve().arguments("--config", file.path().toString()).start();
        file.awaitReader();
        return file;
    }

    /** A named pipe: the service reads it until its writer closes it. */
    private record Configuration(Path path, CompletableFuture<OutputStream> writer) {
        static Configuration in(Path directory) {
            try {
                Path path = directory.resolve("muster.yaml");
                Process mkfifo = new ProcessBuilder("mkfifo", path.toString())
                        .inheritIO()
                        .start();
                assertThat(Await.result(mkfifo.onExit()).exitValue()).isZero();
                // The open returns once somebody reads.
                return new Configuration(
                        path, CompletableFuture.supplyAsync(() -> open(path), Thread::startVirtualThread));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static OutputStream open(Path path) {
            try {
                return Files.newOutputStream(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void awaitReader() {
            Await.result(writer);
        }

        void write(String yaml) {
            try (OutputStream out = Await.result(writer)) {
                out.write(yaml.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void theDemoEndsToo() {
        start(ServiceProcess.launch("demo"));
        service.awaitLine("all-d300_grace");
        service.signal("TERM");
        assertExit(0);
        assertThat(service.out().getLast()).contains("INFO shutdown complete " + GOING);
    }

    @Test
    void theDemoBackendsEndToo() {
        service = ServiceProcess.launch("backends").start();
        service.awaitLine("demo backends on http://127.0.0.1:");
        service.signal("TERM");
        assertExit(0);
        assertThat(service.out()).hasSize(1);
    }
}
