package dev.muster.logging;

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
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real process, with a standard output that nobody reads or that accepts nothing. */
class LogProcessTest {
    /** Requests of 3 KB per line: more than the pipe, the queue and the test's own reader hold. */
    private static final int MANY = 100;

    private final FakeBackend backend = FakeBackend.start(Call::answerWell);
    private ServiceProcess service;

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
        backend.close();
    }

    /** A service with a small queue, little patience for a stuck log, and a quick shutdown. */
    private Launch serve() {
        return ServiceProcess.launch("serve")
                .backends(backend.baseUri())
                .set("log.max-queued-bytes", "65536")
                .set("log.stuck-after", "PT0.3S")
                .set("shutdown.linger", "PT0S")
                .set("shutdown.drain", "PT1S")
                .set("shutdown.cancel", "PT0S");
    }

    /** Asks for {@code many} unknown paths, numbered from 0, and checks each answer. */
    private void fill(int many) {
        try (RawConnection client = new RawConnection(service.port())) {
            for (int number = 0; number < many; number++) {
                client.send("GET", "/number-" + number + "-" + "x".repeat(3_000));
                assertThat(client.read("GET").status()).isEqualTo(404);
            }
        }
    }

    private static RawConnection.Response get(int port, String path) {
        try (RawConnection client = new RawConnection(port)) {
            client.send("GET", path);
            return client.read("GET");
        }
    }

    private void assertServes() {
        assertProfile(get(service.port(), "/profiles/ada"), "ada");
    }

    private int live() {
        return service.admin("/health/live").status();
    }

    private long dropped(String reason) {
        return Scrape.of(service.admin("/metrics"))
                .samples("muster_log_lines_dropped_total", Map.of("reason", reason))
                .stream()
                .mapToLong(sample -> (long) sample.value())
                .sum();
    }

    @Test
    void aReaderThatHangsHoldsNeitherRequestsNorTheStop() {
        service = serve().errorsToOutput().start().awaitServing();
        assertThat(live()).isEqualTo(200);
        service.stopReading();
        fill(MANY);
        assertServes();
        assertThat(dropped("no-room")).isPositive();
        Await.until("it counts as dead", () -> live() == 503);
        assertThat(service.admin("/health/ready").status()).isEqualTo(200);
        assertServes();
        service.signal("TERM");
        assertThat(service.awaitExit()).isZero();
    }

    @Test
    void aReaderThatHangsDoesNotHoldTheSecondSignal() {
        service = serve().set("shutdown.lame-duck", "PT5M").start().awaitServing();
        service.stopReading();
        fill(MANY);
        service.signal("TERM");
        Await.until("it stops", () -> service.admin("/health/ready").status() == 503);
        service.signal("TERM");
        assertThat(service.awaitExit()).isEqualTo(143);
    }

    @Test
    void aReaderThatResumesIsToldHowManyLinesAreMissing() {
        service = serve().start().awaitServing();
        service.stopReading();
        fill(MANY);
        Await.until("it counts as dead", () -> live() == 503);
        service.goOnReading();
        service.awaitLine("dropped");
        Await.until("it is well again", () -> live() == 200);
        get(service.port(), "/afterwards");
        long missing = dropped("no-room");
        service.signal("TERM");
        assertThat(service.awaitExit()).isZero();

        List<String> lines = service.out();
        assertThat(numbers(lines, "/number-(\\d+)-"))
                .isSorted()
                .doesNotHaveDuplicates()
                .hasSize(MANY - (int) missing);
        assertThat(numbers(lines, " WARNING .*lines? \\w+ dropped noRoom=(\\d+)$").stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(missing);
        List<String> end = lines.subList(lines.size() - 5, lines.size());
        assertThat(end)
                .zipSatisfy(
                        List.of("dropped", "/afterwards", "shutdown begins", "stop accepting", "shutdown complete"),
                        (line, expected) -> assertThat(line).contains(expected));
    }

    /** The number in the group of {@code pattern}, for each line that matches. */
    private static List<Integer> numbers(List<String> lines, String pattern) {
        return lines.stream()
                .flatMap(line -> Pattern.compile(pattern).matcher(line).results())
                .map(match -> Integer.valueOf(match.group(1)))
                .toList();
    }

    @Test
    void aReaderThatHasGoneHoldsNobodyUp() {
        service = serve().start().awaitServing();
        service.closeOutput();
        Await.until("a line is lost", () -> {
            fill(1);
            return dropped("failed") > 0;
        });
        assertServes();
        assertThat(live()).isEqualTo(200);
        service.signal("TERM");
        assertThat(service.awaitExit()).isZero();
        assertThat(service.err()).containsExactly("muster: the log cannot be written: Broken pipe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec \"$@\" >/dev/full", "exec \"$@\" >&-"})
    void anOutputThatTakesNothingHoldsNobodyUp(String shell) {
        service = serve().shell(shell).start();
        Await.until("both ports are open", () -> service.listening().size() == 2);
        int admin = service.listening().stream()
                .filter(port -> get(port, "/health/live").status() == 200)
                .findFirst()
                .orElseThrow();
        Await.until("it is ready", () -> get(admin, "/health/ready").status() == 200);
        int server = service.listening().stream()
                .filter(port -> port != admin)
                .findFirst()
                .orElseThrow();
        assertProfile(get(server, "/profiles/ada"), "ada");
        service.signal("TERM");
        assertThat(service.awaitExit()).isZero();
        assertThat(service.err()).singleElement().asString().startsWith("muster: the log cannot be written: ");
    }

    /** Both streams are full before the process starts. */
    @Test
    void aStartThatFailsEndsThoughNobodyReadsWhy() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            service = serve().set("server.port", Integer.toString(taken.getLocalPort()))
                    .unread()
                    .shell("head -c 65536 /dev/zero; exec \"$@\" 2>&1")
                    .start();
            assertThat(service.awaitExit()).isEqualTo(69);
        }
    }

    @Test
    void aConfigurationThatDoesNotHoldEndsItThoughNobodyReadsWhy() {
        service = serve().set("server.port", "none")
                .unread()
                .shell("head -c 65536 /dev/zero; exec \"$@\" 2>&1")
                .start();
        assertThat(service.awaitExit()).isEqualTo(78);
    }

    @Test
    void aConfigurationThatCannotBePrintedIsAFailure() {
        service = ServiceProcess.launch("check")
                .backends(backend.baseUri())
                .shell("exec \"$@\" >/dev/full")
                .start();
        assertThat(service.awaitExit()).isEqualTo(74);
        assertThat(service.err()).containsExactly("muster: cannot write to standard output");
    }

    /** Ends a thread with an uncaught exception. */
    static final class Throws {
        private Throws() {}

        public static void main(String[] args) throws InterruptedException {
            Main.main(args);
            Thread.ofPlatform()
                    .name("broken")
                    .start(() -> {
                        throw new IllegalStateException("a defect");
                    })
                    .join();
        }
    }

    @Test
    void whatNobodyCatchesIsInTheLog() {
        service = serve().main(Throws.class).start().awaitServing();
        service.awaitLine("IllegalStateException: a defect");
        service.signal("TERM");
        assertThat(service.awaitExit()).isZero();
        assertThat(service.out()).anyMatch(line -> line.contains("SEVERE ") && line.endsWith(" thread=broken"));
        assertThat(service.err()).isEmpty();
    }
}
