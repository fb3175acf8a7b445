package dev.muster.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The log writer with readers that hang, are slow, fail and recover. */
class LogWriterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Room for ten lines of 100 bytes. */
    private static final int ROOM = 1000;

    private final AtomicLong nanos = new AtomicLong(1);
    private final ScriptedChannel out = new ScriptedChannel();
    private LogWriter log;

    @BeforeEach
    void start() {
        log = new LogWriter(out, new TextFormatter(), ROOM, nanos::get);
        log.start();
    }

    @AfterEach
    void stop() {
        out.goOn();
        assertThat(log.end(PATIENCE)).isTrue();
    }

    /** A line of 100 bytes. */
    private static String line(int number) {
        return "line " + number + " " + ".".repeat(99 - ("line " + number + " ").length()) + "\n";
    }

    private static String lines(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(LogWriterTest::line).collect(Collectors.joining());
    }

    private void write(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(number -> log.write(line(number)));
    }

    private void awaitText(String text) {
        Await.until("all is written", () -> out.text().length() >= text.length());
        assertThat(out.text()).isEqualTo(text);
    }

    /** Makes the reader hang, and hands over line 0. */
    private void hang() {
        out.hang();
        write(0, 0);
        out.awaitHanging();
    }

    private void end() {
        assertThat(log.end(PATIENCE)).isTrue();
    }

    /** The lines written, without the time at the start of the writer's own lines. */
    private List<String> written() {
        return out.text()
                .lines()
                .map(line -> line.replaceAll("^[0-9:.]{12} (?=WARNING )", ""))
                .toList();
    }

    @Test
    void aLineAfterASilenceIsWritten() {
        write(0, 0);
        awaitText(line(0));
    }

    @Test
    void linesThatCameMeanwhileAreWrittenTogetherInTheirOrder() {
        hang();
        write(1, 8);
        out.goOn();
        end();
        assertThat(out.writes()).containsExactly(line(0), lines(1, 8));
    }

    @Test
    void whoLogsNeverWaitsForAReaderThatHangs() {
        hang();
        write(1, 99);
        assertThat(log.droppedLines()).isEqualTo(90);
    }

    @Test
    void howManyLinesWereDroppedIsToldWhereTheyAreMissing() {
        hang();
        write(1, 99);
        out.goOn();
        Await.until("the log goes on", () -> out.text().contains("dropped"));
        write(100, 100);
        end();
        List<String> expected = new ArrayList<>(lines(0, 9).lines().toList());
        expected.add("WARNING 90 lines were dropped noRoom=90");
        expected.addAll(line(100).lines().toList());
        assertThat(written()).isEqualTo(expected);
    }

    @Test
    void oneLineIsOne() {
        hang();
        write(1, 10);
        out.goOn();
        end();
        assertThat(written().getLast()).isEqualTo("WARNING 1 line was dropped noRoom=1");
    }

    @Test
    void aLineThatIsLargerThanAllThatMayWaitIsDropped() {
        log.write("x".repeat(ROOM + 1));
        write(1, 1);
        end();
        assertThat(written().getFirst()).isEqualTo(line(1).strip());
        assertThat(written().getLast()).isEqualTo("WARNING 1 line was dropped noRoom=1");
    }

    @Test
    void whatCannotBeWrittenIsCountedAndToldOnceThatCanBe() {
        out.failAfter(0);
        write(0, 0);
        Await.until("it has failed", () -> log.failedLines() == 1);
        write(1, 1);
        end();
        assertThat(written()).containsExactly("WARNING 1 line was dropped failed=1", line(1).strip());
        assertThat(log.droppedLines()).isZero();
    }

    @Test
    void ofLinesThatFailTogetherOnlyThoseAreLostThatDidNotGetOut() {
        hang();
        write(1, 4);
        out.takeAll();
        out.failAfter(200);
        out.goOn();
        Await.until("it has failed", () -> log.failedLines() == 2);
        write(5, 5);
        end();
        List<String> expected = new ArrayList<>(lines(0, 2).lines().toList());
        expected.add("WARNING 2 lines were dropped failed=2");
        expected.addAll(line(5).lines().toList());
        assertThat(written()).isEqualTo(expected);
    }

    @Test
    void aLineThatBrokeOffIsEndedBeforeTheNext() {
        out.failAfter(8);
        write(0, 0);
        Await.until("it has failed", () -> log.failedLines() == 1);
        write(1, 1);
        end();
        assertThat(written()).containsExactly("line 0 .", "WARNING 1 line was dropped failed=1", line(1).strip());
    }

    @Test
    void aLineThatIsTakenInPartsIsWhole() {
        out.take(7);
        out.take(0);
        out.take(20);
        write(0, 0);
        end();
        assertThat(out.text()).isEqualTo(line(0));
        assertThat(log.failedLines()).isZero();
    }

    @Test
    void aFullDiskHoldsNobodyUp() throws IOException {
        try (FileOutputStream full = new FileOutputStream("/dev/full")) {
            LogWriter toFull = LogWriter.start(full.getChannel(), new TextFormatter(), ROOM);
            toFull.write(line(0));
            Await.until("it has failed", () -> toFull.failedLines() == 1);
            toFull.write(line(1));
            assertThat(toFull.end(PATIENCE)).isTrue();
            assertThat(toFull.failedLines()).isEqualTo(2);
            assertThat(toFull.stuckFor()).isZero();
        }
    }

    @Test
    void itIsStuckForAsLongAsNothingIsTaken() {
        assertThat(log.stuckFor()).isZero();
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        hang();
        assertThat(log.stuckFor()).as("silence is not being stuck").isZero();
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        write(1, 1);
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(log.stuckFor()).isEqualTo(Duration.ofSeconds(30));
        out.goOn();
        Await.until("it goes on", () -> log.stuckFor().isZero());
    }

    @Test
    void itEndsOnceAllIsWritten() {
        hang();
        write(1, 9);
        assertThat(log.end(Duration.ofMillis(1))).isFalse();
        out.goOn();
        assertThat(log.end(PATIENCE)).isTrue();
        assertThat(out.text()).isEqualTo(lines(0, 9));
    }

    @Test
    void aLineLongerThanAWriteIsWrittenWhole() {
        LogWriter roomy = LogWriter.start(out, new TextFormatter(), 1 << 20);
        String large = "x".repeat(100_000) + "\n";
        roomy.write(line(1));
        roomy.write(large);
        roomy.write(line(2));
        assertThat(roomy.end(PATIENCE)).isTrue();
        assertThat(out.text()).isEqualTo(line(1) + large + line(2));
        assertThat(out.writes()).allSatisfy(write -> assertThat(write).hasSizeLessThanOrEqualTo(16 << 10));
    }
}
