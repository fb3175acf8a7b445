package dev.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import dev.muster.loadtest.DrainTool.Result;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.FakeBackend.Script;
import dev.muster.testing.SocketTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The drain tool against servers that lose requests on purpose: it reports exactly these, and sends none twice. */
class DrainToolTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnine";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    @TempDir
    private static Path classes;

    /** More than {@code --late 0.025} allows. */
    private static final long LATE_NANOS = 30_000_000;

    /** The shortest wait of the tool's sparse clients between two requests. */
    private static final long SHORTEST_GAP_NANOS = 300_000_000;

    private FakeBackend server;
    private DrainTool tool;

    @BeforeAll
    static void compile() {
        DrainTool.compile(classes);
    }

    /** The first connection belongs to the probe, not to the load. */
    private void serve(Script script) {
        server = FakeBackend.start(call -> {
            if (call.connection() == 1) {
                call.send(OK);
            } else {
                script.answer(call);
            }
        });
    }

    private void load(String... options) {
        tool = DrainTool.load(classes, server, options);
    }

    /** Ends the load when the server has received so many of its requests. */
    private Result finishAfter(int requests) {
        server.awaitCallsAtLeast(requests + 1);
        Result result = tool.finish();
        assertThat(result.count("requests"))
                .as("requests sent and requests that arrived; output of the tool: %s", result.out())
                .isEqualTo(received());
        return result;
    }

    private int received() {
        return server.calls().size() - 1;
    }

    @AfterEach
    void stop() {
        if (tool != null) {
            tool.close();
        }
        if (server != null) {
            server.close();
        }
    }

    static Stream<Named<List<Loss>>> losses() {
        return Stream.of(
                named(
                        "cut",
                        List.of(
                                new Loss("EOF after 0 bytes", Call::close),
                                cut("HTTP/1.1 2"),
                                cut("HTTP/1.1 200 OK\r\nContent-Le"),
                                cut("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n"),
                                cut("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"),
                                cut("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnin"),
                                cut("HTTP/1.1 103 Early Hints\r\nLink: </a"),
                                cut("HTTP/1.1 100 Continue\r\n\r\n"))),
                named(
                        "cut in chunks",
                        List.of(
                                cut(CHUNKED),
                                cut(CHUNKED + "4"),
                                cut(CHUNKED + "4\r\nnin"),
                                cut(CHUNKED + "4\r\nnine"),
                                cut(CHUNKED + "4\r\nnine\r\n"),
                                cut(CHUNKED + "4\r\nnine\r\n0\r\n"),
                                cut(CHUNKED + "4\r\nnine\r\n0\r\nTrailer: a\r\n"))),
                named(
                        "reset",
                        List.of(
                                new Loss("Connection reset after 0 bytes", Call::reset),
                                reset("HTTP/1.1 200 OK\r\nContent-Le"),
                                reset("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnin"),
                                reset(CHUNKED + "4\r\nnin"))),
                named(
                        "no HTTP",
                        List.of(
                                garbage("bad status line '??~", "\0\377~ and no HTTP at all\r\n"),
                                garbage("bad status line 'HTTP/1.1 OK'", OK.replace("200 ", "")),
                                garbage("bad status line 'HTTP/1.0 200 OK'", OK.replace("1.1", "1.0")),
                                garbage("bad header 'none'", OK.replace("OK\r\n", "OK\r\nnone\r\n")),
                                garbage("bad Content-Length '-4'", OK.replace(": 4", ": -4")),
                                garbage("bad Transfer-Encoding 'gzip'", CHUNKED.replace("chunked", "gzip")),
                                garbage("neither Content-Length nor Transfer-Encoding", "HTTP/1.1 200 OK\r\n\r\nnine"),
                                garbage(
                                        "both Content-Length and Transfer-Encoding",
                                        CHUNKED.replace("OK\r\n", "OK\r\nContent-Length: 4\r\n")))),
                named(
                        "more than its length",
                        List.of(
                                garbage("a chunk longer than its size", CHUNKED + "3\r\nnine\r\n0\r\n\r\n"),
                                garbage("bad chunk size 'x'", CHUNKED + "x\r\nnine\r\n0\r\n\r\n"),
                                garbage("bytes beyond the answer's end", OK + "x"),
                                garbage("bytes beyond the answer's end", OK + OK),
                                garbage("bytes beyond the answer's end", CHUNKED + "0\r\n\r\n\r\n"),
                                garbage(
                                        "bytes beyond the answer's end",
                                        "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nnine"))));
    }

    /** What the tool sees of a lost request, and how the server loses it. */
    record Loss(String seen, Script script) {}

    private static Loss cut(String beginning) {
        return new Loss("EOF after " + beginning.length() + " bytes", endingWith(beginning));
    }

    private static Loss garbage(String seen, String garbage) {
        return new Loss(seen, endingWith(garbage));
    }

    private static Script endingWith(String last) {
        return call -> {
            call.send(last);
            call.close();
        };
    }

    /** The system decides how much of the beginning arrives. */
    private static Loss reset(String beginning) {
        return new Loss("Connection reset after ", call -> {
            call.send(beginning);
            call.reset();
        });
    }

    /** Each connection carries two good answers, then one of the losses that are left. */
    @ParameterizedTest
    @MethodSource("losses")
    void everyLossIsReported(List<Loss> losses) {
        Queue<Loss> left = new ConcurrentLinkedQueue<>(losses);
        serve(call -> {
            Loss loss = call.number() == 3 ? left.poll() : null;
            if (loss == null) {
                call.send(OK);
            } else {
                loss.script().answer(call);
            }
        });
        load("--fast", "1", "--late", "20");

        Result result = finishAfter(3 * losses.size() + 2);

        assertThat(left).isEmpty();
        assertThat(result.count("lost")).isEqualTo(losses.size());
        assertThat(result.count("ok")).isEqualTo(received() - losses.size());
        assertThat(result.count("reset"))
                .isEqualTo(losses.stream()
                        .filter(loss -> loss.seen().startsWith("Connection reset"))
                        .count());
        assertThat(result.count("refused")).isZero();
        assertThat(result.count("wrong")).isZero();
        assertThat(result.exit()).isEqualTo(1);
        assertThat(notes(result))
                .zipSatisfy(
                        losses,
                        (note, loss) -> assertThat(note)
                                .containsPattern("^(lost|reset) +[+-][0-9.]+ s, fast: \\Q" + loss.seen())
                                .endsWith(" bytes of the answer, and 2 answers before it"));
    }

    private static List<String> notes(Result result) {
        return result.out().lines().filter(line -> line.contains(" s, ")).toList();
    }

    @Test
    void anAnswerThatDoesNotEndInTimeIsLost() {
        Queue<Script> left = new ConcurrentLinkedQueue<>(List.of(Call::awaitPeerClosed, DrainToolTest::neverEnd));
        serve(call -> {
            Script script = call.number() == 3 ? left.poll() : null;
            if (script == null) {
                call.send(OK);
            } else {
                script.answer(call);
            }
        });
        load("--fast", "2", "--give-up", "1");
        server.awaitClosed(2);
        server.awaitClosed(3);

        Result result = finishAfter(6);

        assertThat(result.count("lost")).isEqualTo(2);
        assertThat(result.count("reset")).isZero();
        assertThat(result.exit()).isEqualTo(1);
        assertThat(notes(result))
                .allSatisfy(note -> assertThat(note).contains(", fast: no end in 1000 ms after "))
                .anySatisfy(note -> assertThat(note).contains(" after 0 bytes "));
    }

    /** Never silent for long, so no timeout of a single read ends it. */
    private static void neverEnd(Call call) throws IOException {
        call.send(CHUNKED);
        while (true) {
            call.send("400\r\n" + "x".repeat(0x400) + "\r\n");
        }
    }

    @Test
    void aSingleLossIsEnoughToFail() {
        serve(call -> {
            if (received() == 50) {
                call.close();
            } else {
                call.send(OK);
            }
        });
        load("--fast", "1");

        Result result = finishAfter(60);

        assertThat(result.count("lost")).isEqualTo(1);
        assertThat(result.exit()).isEqualTo(1);
    }

    @Test
    void aCompleteAnswerIsNoLossAndItsConnectionIsKept() {
        List<String> answers = List.of(
                OK,
                ok("ninine"),
                CHUNKED + "2\r\nni\r\n2\r\nne\r\n0\r\n\r\n",
                CHUNKED + "4 ;a=\"b\"\r\nnine\r\n0;c\r\nD: e\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n" + OK,
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(2) + OK,
                OK.replace("200 OK", "201 Created"),
                OK.replace("200 OK", "200"),
                OK.replace("OK\r\n", "OK\r\nName: \u00c3\u0085\r\n"),
                OK.replace("Content-Length: 4", "content-LENGTH:4  "));
        serve(call -> call.send(answers.get(call.number() % answers.size())));
        load("--fast", "1", "--expect", "nine", "--late", "20");

        Result result = finishAfter(answers.size());

        assertThat(result.count("ok")).isEqualTo(received());
        assertThat(result.exit()).isZero();
        assertThat(notes(result)).isEmpty();
        assertThat(server.accepted()).isEqualTo(2);
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    @Test
    void noContentIsACompleteAnswer() {
        serve(call -> call.send("HTTP/1.1 204 No Content\r\n\r\n"));
        load("--fast", "1", "--late", "20");

        Result result = finishAfter(5);

        assertThat(result.count("ok")).isEqualTo(received());
        assertThat(server.accepted()).isEqualTo(2);
    }

    @Test
    void aBodyIsNotKeptInMemory() {
        String part = "x".repeat(0x100000);
        serve(call -> {
            call.send("HTTP/1.1 200 OK\r\nContent-Length: " + (24 * 0x100000 + 4) + "\r\n\r\n");
            for (int i = 0; i < 24; i++) {
                call.send(part);
            }
            call.send("nine");
        });
        load("--fast", "1", "--expect", "nine", "--late", "20");

        Result result = finishAfter(1);

        assertThat(result.count("ok")).isEqualTo(received());
    }

    @Test
    void aCompleteAnswerOfAnotherStatusOrTextIsWrong() {
        List<String> answers = List.of(
                OK.replace("200 OK", "500 Failed"),
                OK.replace("200 OK", "404 Not Found"),
                OK.replace("200 OK", "302 Found"),
                OK.replace("200 OK", "503 Busy"),
                OK.replace("200 OK", "500 Failed\r\nRetry-After: 1"),
                ok("nin"),
                ok("NINE"),
                "HTTP/1.1 204 No Content\r\n\r\n");
        serve(call -> call.send(call.number() <= answers.size() ? answers.get(call.number() - 1) : OK));
        load("--fast", "1", "--expect", "nine", "--late", "20");

        Result result = finishAfter(answers.size() + 2);

        assertThat(result.count("wrong")).isEqualTo(answers.size());
        assertThat(result.count("ok")).isEqualTo(received() - answers.size());
        assertThat(result.count("lost")).isZero();
        assertThat(result.count("turnedAway")).isZero();
        assertThat(result.exit()).isEqualTo(1);
        assertThat(notes(result))
                .zipSatisfy(
                        answers,
                        (note, answer) -> assertThat(note)
                                .containsPattern(
                                        "^wrong +[+-][0-9.]+ s, fast: status " + answer.substring(9, 12) + ", "));
        assertThat(server.accepted()).as("the connection is kept").isEqualTo(2);
    }

    @Test
    void anAnswer503WithRetryAfterIsTurnedAwayAndNoFailure() {
        serve(call ->
                call.send(call.number() % 2 == 0 ? OK : OK.replace("200 OK\r\n", "503 Busy\r\nretry-after: 1\r\n")));
        load("--fast", "1", "--expect", "nine", "--late", "20");

        Result result = finishAfter(7);

        assertThat(result.count("turnedAway")).isEqualTo((received() + 1) / 2);
        assertThat(result.count("ok")).isEqualTo(received() / 2);
        assertThat(result.count("lost")).isZero();
        assertThat(result.count("wrong")).isZero();
        assertThat(result.exit()).isZero();
    }

    @Test
    void anAnswerThatTakesLongIsLateAndNoFailure() {
        serve(call -> {
            long begun = System.nanoTime();
            Await.until("it is late", () -> System.nanoTime() - begun > LATE_NANOS);
            call.send(OK);
        });
        load("--fast", "1", "--late", "0.025");

        Result result = finishAfter(3);

        assertThat(result.count("late")).isEqualTo(received());
        assertThat(result.count("ok")).isZero();
        assertThat(result.count("lost")).isZero();
        assertThat(result.exit()).isZero();
        assertThat(result.time("p50Ms")).isGreaterThanOrEqualTo(30);
        assertThat(result.time("p99Ms")).isGreaterThanOrEqualTo(result.time("p50Ms"));
        assertThat(result.time("maxMs")).isGreaterThanOrEqualTo(result.time("p99Ms"));
    }

    @Test
    void aConnectionThatCannotBeHadIsRefusedAndNoLoss() throws IOException {
        server = FakeBackend.start(call -> {
            server.stopListening();
            call.send(OK);
        });
        load("--fast", "2", "--sparse", "2", "--rate", "100", "--before", "0.1", "--late", "20");
        tool.awaitCommand();
        server.awaitClosed(1);

        try (FakeBackend next = FakeBackend.startOn(server.port(), call -> call.send(OK))) {
            next.awaitCallsAtLeast(20);
            Result result = tool.finish();

            assertThat(result.count("refused")).isPositive();
            assertThat(result.count("lost")).isZero();
            assertThat(result.count("requests")).isEqualTo(next.calls().size());
            assertThat(result.count("ok")).isEqualTo(next.calls().size());
            assertThat(result.exit()).isZero();
            assertThat(result.out()).containsPattern("refused +-[0-9.]+ s, (fast|sparse|arrival): Connection refused");
        }
    }

    @Test
    void whatBecomesOfAnIdleConnectionIsNoLoss() {
        List<Script> ends = List.of(
                Call::close,
                onceRead(Call::reset),
                onceRead(endingWith("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")));
        Set<Integer> idle = ConcurrentHashMap.newKeySet();
        Set<Integer> perhapsAsking = ConcurrentHashMap.newKeySet();
        serve(call -> {
            long answering = System.nanoTime();
            call.send(OK);
            ends.get(call.connection() % 3).answer(call);
            (isStillIdle(answering) ? idle : perhapsAsking).add(call.connection());
        });
        load("--sparse", "9", "--late", "20");

        Await.until(
                "each end was met by idle connections",
                () -> idle.stream().map(connection -> connection % 3).distinct().count() == 3);
        // One request of the probe, one of each client, and as many by returning clients.
        server.awaitCallsAtLeast(1 + 9 + 9);
        Result result = tool.finish();

        assertThat(result.count("ok")).isEqualTo(received());
        assertThat(result.count("refused")).isZero();
        long crossed = result.count("requests") - result.count("ok");
        assertThat(crossed)
                .as("requests that crossed the end of a connection; output of the tool: %s", result.out())
                .isBetween(0L, (long) perhapsAsking.size());
        assertThat(result.exit()).isEqualTo(crossed == 0 ? 0 : 1);
        assertThat(server.calls()).extracting(Call::number).containsOnly(1);
    }

    /** Waits until the client has read the answer: a reset would overtake it, and more bytes would belong to it. */
    private Script onceRead(Script script) {
        return call -> {
            SocketTable.awaitNoBytes(call.peerPort(), server.port());
            script.answer(call);
        };
    }

    /** Whether it is too early for the next request of a sparse client that was answered since then. */
    private static boolean isStillIdle(long answering) {
        return System.nanoTime() - answering < SHORTEST_GAP_NANOS;
    }

    @Test
    void aConnectionThatTheServerWantsClosedHasNoFurtherRequest() {
        List<String> values = List.of("close", "Close", "keep-alive, close");
        serve(call ->
                call.send(OK.replace("OK\r\n", "OK\r\nConnection: " + values.get(call.connection() % 3) + "\r\n")));
        load("--fast", "1", "--sparse", "1", "--late", "20");

        Result result = finishAfter(9);

        assertThat(result.count("ok")).isEqualTo(received());
        assertThat(server.calls()).extracting(Call::number).containsOnly(1);
    }

    @Test
    void noRequestOnANewConnectionIsSentTwice() {
        serve(Call::close);
        load("--rate", "100");

        Result result = finishAfter(10);

        assertThat(result.count("lost")).isEqualTo(received());
        assertThat(server.accepted()).isEqualTo(server.calls().size());
    }

    @Test
    void arrivalsDoNotWaitForOneAnother() {
        CountDownLatch held = new CountDownLatch(1);
        serve(call -> {
            Await.latch(held);
            call.send(OK);
        });
        load("--rate", "100");
        server.awaitCallsAtLeast(6);
        long begun = System.nanoTime();
        server.awaitCallsAtLeast(20);
        double heldFor = (System.nanoTime() - begun) / 1e6;
        held.countDown();

        Result result = finishAfter(20);

        assertThat(result.count("ok")).isEqualTo(received());
        assertThat(server.accepted()).isEqualTo(server.calls().size());
        assertThat(result.time("longestPauseMs")).isGreaterThanOrEqualTo(heldFor);
        assertThat(result.time("maxMs")).isGreaterThanOrEqualTo(heldFor);
    }

    @Test
    void theTimeFromTheLastAnswerToTheEndIsAPause() {
        serve(call -> {
            if (call.number() < 10) {
                call.send(OK);
            } else {
                call.awaitPeerClosed();
            }
        });
        load("--fast", "1", "--after", "0.2", "--give-up", "1");

        Result result = finishAfter(10);

        assertThat(result.time("longestPauseMs")).isGreaterThanOrEqualTo(200);
    }

    @Test
    void allKindsOfClientsAtOnceLoseJustWhatTheServerLoses() {
        AtomicInteger lost = new AtomicInteger();
        AtomicInteger reset = new AtomicInteger();
        AtomicInteger turned = new AtomicInteger();
        AtomicInteger number = new AtomicInteger();
        serve(call -> {
            switch (number.incrementAndGet() % 7) {
                case 1 -> {
                    lost.incrementAndGet();
                    call.close();
                }
                case 3 -> {
                    lost.incrementAndGet();
                    reset.incrementAndGet();
                    call.reset();
                }
                case 5 -> {
                    turned.incrementAndGet();
                    call.send("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
                }
                default -> call.send(OK);
            }
        });
        load(
                "--fast",
                "4",
                "--sparse",
                "8",
                "--slow",
                "4",
                "--slow-path",
                "/slow?a=b",
                "--rate",
                "200",
                "--after",
                "0.3",
                "--late",
                "20");

        Result result = finishAfter(400);

        assertThat(result.count("lost")).isEqualTo(lost.get());
        assertThat(result.count("reset")).isEqualTo(reset.get());
        assertThat(result.count("turnedAway")).isEqualTo(turned.get());
        assertThat(result.count("ok")).isEqualTo(received() - lost.get() - turned.get());
        assertThat(result.count("refused")).isZero();
        assertThat(result.exit()).isEqualTo(1);
        assertThat(server.calls()).extracting(Call::target).contains("/", "/slow?a=b");
    }

    @Test
    void aCommandThatFailsIsAFailure() {
        serve(call -> call.send(OK));
        tool = DrainTool.start(
                classes,
                "--target",
                server.baseUri(),
                "--during",
                "exit 7",
                "--before",
                "0.05",
                "--after",
                "0",
                "--fast",
                "1",
                "--sparse",
                "0");

        Result result = tool.result();

        assertThat(result.count("lost")).isZero();
        assertThat(result.count("commandExit")).isEqualTo(7);
        assertThat(result.exit()).isEqualTo(1);
    }

    @Test
    void theReportHasTheFiguresOfTheJsonAndNothingElseIsOnStandardOutput() {
        serve(call -> call.send(OK));
        load("--fast", "1", "--late", "20");

        Result result = finishAfter(5);

        Map<String, String> names = new LinkedHashMap<>();
        names.put("requests", "requests");
        names.put("ok", "ok");
        names.put("lost", "lost");
        names.put("reset", "reset");
        names.put("refused", "refused");
        names.put("late", "late");
        names.put("turned away", "turnedAway");
        names.put("wrong", "wrong");
        names.put("p50", "p50Ms");
        names.put("p99", "p99Ms");
        names.put("max", "maxMs");
        names.put("longest pause", "longestPauseMs");
        names.put("command's exit", "commandExit");
        names.put("command took", "commandMs");
        assertThat(result.figures().propertyNames()).containsExactlyElementsOf(names.values());
        String report = names.entrySet().stream()
                .map(name -> "%-15s %s%s\n"
                        .formatted(
                                name.getKey(),
                                result.figures().required(name.getValue()),
                                name.getValue().endsWith("Ms") ? " ms" : ""))
                .collect(Collectors.joining());
        assertThat(result.out()).isEqualTo(report);
        assertThat(result.err()).isEqualTo("the command has begun\n");
    }

    @Test
    void theScriptIsTheTool() {
        serve(call -> call.send(OK));
        tool = DrainTool.startBy(List.of("loadtest/drain"), DrainTool.loading(server, "--fast", "1", "--late", "20"));

        Result result = finishAfter(5);

        assertThat(result.count("ok")).isEqualTo(received());
        assertThat(result.exit()).isZero();
    }

    @Test
    void theCommandEndsWithTheTool() {
        serve(call -> call.send(OK));
        tool = DrainTool.start(
                classes,
                "--target",
                server.baseUri(),
                "--before",
                "0",
                "--fast",
                "0",
                "--during",
                "sleep 100; sleep 100");
        Await.until("the command sleeps", () -> tool.handle().descendants().count() == 2);
        List<ProcessHandle> command = tool.handle().descendants().toList();

        tool.handle().destroy();

        assertThat(tool.result().exit()).isNotZero();
        command.forEach(process -> Await.result(process.onExit()));
    }

    @Test
    void aTargetThatDoesNotAnswerIsUnavailable() throws IOException {
        try (FakeBackend silent = FakeBackend.start(Call::close);
                FakeBackend gone = FakeBackend.start(Call::close)) {
            gone.stopListening();
            for (String url : List.of(silent.baseUri(), gone.baseUri(), "http://nowhere.invalid")) {
                try (DrainTool drain = DrainTool.start(classes, "--target", url, "--during", "echo here")) {
                    Result result = drain.result();

                    assertThat(result.exit()).isEqualTo(69);
                    assertThat(result.out()).isEmpty();
                    assertThat(result.err())
                            .startsWith("drain: no answer from " + url + " before the command: ")
                            .hasLineCount(1);
                }
            }
            assertThat(silent.calls()).hasSize(1);
        }
    }

    /** All run at once, because each only starts a JVM. */
    @Test
    void aBadCommandLineIsSaidInOneLine() {
        List<BadLine> lines = List.of(
                bad("bad option '--what'; allowed: --target, --during, ", "--what", "1"),
                bad("bad option 'http://h'; allowed: --target, ", "http://h"),
                bad("bad --target ''; allowed: http://HOST", "--during", "true"),
                bad("bad --target 'https://h/'; allowed: http://HOST", "--target", "https://h/", "--during", "true"),
                bad("bad --target 'h:80'; allowed: http://HOST", "--target", "h:80", "--during", "true"),
                bad("bad --target 'http://h:70000'; allowed: http://HOST", "--target", "http://h:70000"),
                bad("bad --target 'http://u@h'; allowed: http://HOST", "--target", "http://u@h"),
                bad("bad --target 'http://h/ a'; allowed: http://HOST", "--target", "http://h/ a"),
                bad("bad --target '?'; allowed: http://HOST", "--target", "\n"),
                bad("bad --during ''; allowed: a command for sh -c", "--target", "http://h"),
                bad("bad --rate ''; allowed: a value", "--target", "http://h", "--rate"),
                bad("bad --rate '1x'; allowed: a whole number from 0 to 10000", withRest("--rate", "1x")),
                bad("bad --fast '-1'; allowed: a whole number from 0 to 10000", withRest("--fast", "-1")),
                bad("bad --sparse '10001'; allowed: a whole number from 0 to 10000", withRest("--sparse", "10001")),
                bad("bad --slow '1'; allowed: only with --slow-path", withRest("--slow", "1")),
                bad("bad --slow-path 'a'; allowed: a path", withRest("--slow-path", "a")),
                bad("bad --before '3601'; allowed: seconds from 0 to 3600", withRest("--before", "3601")),
                bad("bad --after '1s'; allowed: seconds from 0 to 3600", withRest("--after", "1s")),
                bad("bad --late '0'; allowed: seconds from 0.001 to 300", withRest("--late", "0")),
                bad("bad --give-up '301'; allowed: seconds from 0.001 to 300", withRest("--give-up", "301")),
                bad("bad --late '2'; allowed: once", withRest("--late", "1", "--late", "2")),
                bad(
                        "bad --json '/nowhere/at/all'; allowed: a file that can be written",
                        withRest("--json", "/nowhere/at/all")),
                bad(
                        "bad --rate '0'; allowed: 1 or more where there are no other clients",
                        withRest("--fast", "0", "--sparse", "0", "--rate", "0")));
        List<DrainTool> tools = new ArrayList<>();
        try {
            lines.forEach(line -> tools.add(DrainTool.startBare(classes, line.options())));
            for (int i = 0; i < tools.size(); i++) {
                Result result = tools.get(i).result();

                assertThat(result.err())
                        .startsWith("drain: " + lines.get(i).said())
                        .hasLineCount(1);
                assertThat(result.out()).isEmpty();
                assertThat(result.exit()).isEqualTo(64);
            }
        } finally {
            tools.forEach(DrainTool::close);
        }
    }

    private record BadLine(String said, List<String> options) {}

    private static BadLine bad(String said, String... options) {
        return new BadLine(said, List.of(options));
    }

    private static String[] withRest(String... options) {
        return Stream.concat(Stream.of("--target", "http://h", "--during", "true"), Stream.of(options))
                .toArray(String[]::new);
    }

    @Test
    void helpIsNoFailure() {
        tool = DrainTool.startBare(classes, List.of("--help"));

        Result result = tool.result();

        assertThat(result.exit()).isZero();
        assertThat(result.out()).startsWith("loadtest/drain --target URL --during 'COMMAND' [options]\n");
        assertThat(result.err()).isEmpty();
    }
}
