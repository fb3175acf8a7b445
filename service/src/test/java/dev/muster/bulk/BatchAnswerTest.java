package dev.muster.bulk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.CallClass;
import dev.muster.backend.CallContext;
import dev.muster.bulk.ProfileSource.Fetched;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.config.Handling;
import dev.muster.http.BatchCounts;
import dev.muster.metrics.BatchMetrics;
import dev.muster.metrics.Metrics;
import dev.muster.problem.RequestCancelled;
import dev.muster.testing.Await;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How an answer ends if its time is up while it is written: all ids are done before, and each has ten places. */
class BatchAnswerTest {
    private static final int IDS = 20;
    private static final int PLACES = 10 * IDS;
    /** Larger than a piece. */
    private static final int LARGE = 32 << 10;
    /** All places together are smaller than {@link BatchAnswer#LAST}. */
    private static final int SMALL = 1 << 10;

    /** The most bytes around a result, or of the summary. */
    private static final int FRAME = 200;

    private static final Duration TIME = Duration.ofSeconds(10);

    private final AtomicLong clock = new AtomicLong();
    private final DeadlineTicker ticker = new DeadlineTicker();
    private final WorkerPool pool = new WorkerPool(4, 1000, _ -> {});
    private final ByteBudget.Share memory = new ByteBudget(1 << 30).open();
    private final Cancellation request = new Cancellation();
    private final Sent sent = new Sent();

    /** The bytes sent to the client. Runs an action when the first piece arrives. */
    static final class Sent extends ByteArrayOutputStream {
        private Runnable atFirst = () -> {};
        private int firstPiece;

        @Override
        public void flush() {
            if (firstPiece == 0) {
                firstPiece = size();
                atFirst.run();
            }
        }
    }

    enum Form {
        LINES,
        DOCUMENT,
        STRICT_DOCUMENT;

        BatchAnswer answer(BatchIds ids, Batch batch, Sent sent) {
            return switch (this) {
                case LINES -> new LinesAnswer(ids, batch, () -> sent);
                case DOCUMENT -> new DocumentAnswer(ids, batch, () -> sent, false);
                case STRICT_DOCUMENT -> new DocumentAnswer(ids, batch, () -> sent, true);
            };
        }

        /** The results sent; fails if the answer is not well-formed to its end. */
        List<JsonNode> results(Sent sent) {
            List<JsonNode> results = new ArrayList<>();
            if (this == LINES) {
                sent.toString(UTF_8)
                        .lines()
                        .forEach(line -> results.add(JsonMapper.shared().readTree(line)));
                assertThat(results.removeLast().has("summary")).isTrue();
            } else {
                JsonNode document = JsonMapper.shared().readTree(sent.toString(UTF_8));
                assertThat(document.has("summary")).isTrue();
                document.path("results").forEach(results::add);
            }
            return results;
        }
    }

    @AfterEach
    void stop() {
        pool.close();
        ticker.close();
    }

    private BatchIds ids() {
        String list = IntStream.range(0, PLACES)
                .mapToObj(place -> "\"id-" + place % IDS + '"')
                .collect(Collectors.joining(",", "{\"ids\":[", "]}"));
        return BatchIds.parse(list.getBytes(UTF_8), IDS);
    }

    private Batch batch(BatchIds ids, int bytes) throws WorkerPool.QueueFullException {
        byte[] profile = ("\"" + "x".repeat(bytes - 2) + "\"").getBytes(UTF_8);
        return new Batch(
                ids,
                new Batch.Terms(
                        Deadline.after(TIME, clock::get),
                        Deadline.after(Duration.ofHours(1)),
                        Handling.LENIENT,
                        request,
                        new CallContext(0, "r1", null, null, Map.of(), CallClass.BULK)),
                (_, _, _, _, _) -> new Fetched(profile, true),
                memory,
                new BatchMetrics(new Metrics()),
                pool,
                ticker);
    }

    private void awaitAllDone() {
        Await.until("all ids are done", () -> pool.queued() == 0 && pool.active() == 0);
    }

    /** Writes a whole answer, and returns its summary. */
    private BatchCounts write(Form form, int bytes, Runnable atFirstPiece) throws Exception {
        sent.atFirst = atFirstPiece;
        BatchIds ids = ids();
        try (Batch batch = batch(ids, bytes)) {
            awaitAllDone();
            BatchAnswer answer = form.answer(ids, batch, sent);
            for (ItemResult result = batch.await(); result != null; result = batch.await()) {
                answer.add(result);
            }
            answer.addRest();
            Cause cutBy = answer.cutBy();
            answer.end(() -> TIME, cutBy == null ? null : cutBy.word());
            return answer.counts(TIME, cutBy == null ? null : cutBy.word());
        }
    }

    private void assertCut(BatchCounts counts, Form form, Cause cause) {
        assertThat(counts.cause()).isEqualTo(cause.word());
        assertThat(form.results(sent)).hasSize(counts.succeeded());
        assertThat(counts.notAttempted()).isPositive();
        assertThat(counts.succeeded() + counts.notAttempted()).isEqualTo(PLACES);
    }

    private void assertNoMoreThanTheLast() {
        int most = BatchAnswer.LAST / LARGE;
        assertThat(sent.size() - sent.firstPiece).isLessThanOrEqualTo(most * (LARGE + FRAME) + FRAME);
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineEndsItThoughAllIdsWereDoneBefore(Form form) throws Exception {
        BatchCounts counts = write(form, LARGE, () -> clock.set(TIME.toNanos()));

        assertCut(counts, form, Cause.DEADLINE);
        assertNoMoreThanTheLast();
    }

    @ParameterizedTest
    @EnumSource
    void theShutdownEndsItThoughAllIdsWereDoneBefore(Form form) throws Exception {
        BatchCounts counts = write(form, LARGE, () -> request.cancel(Cause.SHUTDOWN));

        assertCut(counts, form, Cause.SHUTDOWN);
        assertNoMoreThanTheLast();
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatHasGoneGetsNoResultMore(Form form) throws Exception {
        BatchCounts counts = write(form, LARGE, () -> request.cancel(Cause.CLIENT_GONE));

        assertCut(counts, form, Cause.CLIENT_GONE);
        assertThat(sent.size() - sent.firstPiece).isLessThanOrEqualTo(FRAME);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSmallIsStillInIt(Form form) throws Exception {
        BatchCounts counts = write(form, SMALL, () -> clock.set(TIME.toNanos()));

        assertThat(counts.succeeded()).isEqualTo(PLACES);
        assertThat(counts.cause()).isNull();
        assertThat(form.results(sent)).hasSize(PLACES);
    }

    @ParameterizedTest
    @EnumSource
    void thatTheItemsTimeIsUpEndsItNot(Form form) throws Exception {
        BatchCounts counts = write(form, LARGE, () -> request.cancel(Cause.DEADLINE));

        assertThat(counts.succeeded()).isEqualTo(PLACES);
        assertThat(counts.cause()).isNull();
    }

    @Test
    void theFailureThatEndsStrictLinesIsInThemHoweverMuchWasThere() throws Exception {
        BatchIds ids = ids();
        try (Batch batch = batch(ids, LARGE)) {
            awaitAllDone();
            BatchAnswer answer = Form.LINES.answer(ids, batch, sent);
            sent.atFirst = () -> request.cancel(Cause.SIBLING_FAILED);
            for (int i = 0; i < IDS - 1; i++) {
                answer.add(batch.await());
            }
            assertThat(answer.cutBy()).isEqualTo(Cause.SIBLING_FAILED);
            answer.fail(failure(batch.await().item()));
            answer.end(() -> TIME, Cause.SIBLING_FAILED.word());
        }

        List<JsonNode> results = Form.LINES.results(sent);
        assertThat(results.getLast().has("problem")).isTrue();
        assertThat(results).hasSizeLessThan(PLACES);
    }

    /** A failure too large for the room left. */
    private static ItemResult failure(int item) {
        return ItemResult.failed(item, new RequestCancelled(Cause.SHUTDOWN, "x".repeat(LARGE)));
    }
}
