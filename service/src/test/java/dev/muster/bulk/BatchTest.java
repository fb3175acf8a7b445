package dev.muster.bulk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.backend.BackendException;
import dev.muster.backend.CallClass;
import dev.muster.backend.CallContext;
import dev.muster.bulk.ByteBudget.Share;
import dev.muster.bulk.ScriptedSource.Fetch;
import dev.muster.bulk.WorkerPool.QueueFullException;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.concurrent.Outcome;
import dev.muster.concurrent.Tickers;
import dev.muster.config.Handling;
import dev.muster.logging.CapturedLog;
import dev.muster.metrics.BatchMetrics;
import dev.muster.metrics.Metrics;
import dev.muster.problem.RequestCancelled;
import dev.muster.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which items start, how results arrive, and what ends a batch. The test's thread acts as the request's thread. */
// On a separate thread, which JUnit leaves alone if it hangs: the wait for a batch's end is uninterruptible.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class BatchTest {
    private static final Deadline FAR = Deadline.after(Duration.ofHours(1));
    private static final long MEMORY = 10_000;

    private final DeadlineTicker ticker = new DeadlineTicker();
    private final ScriptedSource source = new ScriptedSource(ticker);
    private final ByteBudget budget = new ByteBudget(MEMORY);
    private final Share memory = budget.open();
    private final Metrics metrics = new Metrics();
    private final BatchMetrics batchMetrics = new BatchMetrics(metrics);
    private final Cancellation request = new Cancellation();
    private WorkerPool pool;
    private Batch batch;

    private void begin(int workers, int items, Handling handling) throws QueueFullException {
        begin(workers, items, handling, FAR, source);
    }

    private void begin(int workers, int items, Handling handling, Deadline itemsBy, ProfileSource from)
            throws QueueFullException {
        pool = new WorkerPool(workers, 1000, _ -> {});
        batch = open(items, handling, itemsBy, from);
    }

    private Batch open(int items, Handling handling, Deadline itemsBy, ProfileSource from) throws QueueFullException {
        String body = IntStream.range(0, items)
                .mapToObj(i -> "\"id-" + i + '"')
                .collect(Collectors.joining(",", "{\"ids\":[", "]}"));
        CallContext context = new CallContext(System.nanoTime(), "r1", null, null, Map.of(), CallClass.BULK);
        return new Batch(
                BatchIds.parse(body.getBytes(UTF_8), 1000),
                new Batch.Terms(FAR, itemsBy, handling, request, context),
                from,
                memory,
                batchMetrics,
                pool,
                ticker);
    }

    @AfterEach
    void stop() {
        try {
            if (batch != null) {
                // On another thread: after a failed test, the batch may never end.
                Await.end(Thread.ofVirtual().start(batch::close));
            }
        } finally {
            pool.close();
            ticker.close();
        }
    }

    /** The cause is visible before the cancellation has reached the queue. */
    private void awaitNothingQueued() {
        Await.until("nothing is queued", () -> pool.queued() == 0);
    }

    /**
     * Waits until the pool has asked the batch again whether an item may start, if it had reason to. The pool serves in
     * rotation, so the last queue has its turn after the batch.
     */
    private void awaitAsked() throws QueueFullException {
        ScriptedWork last = ScriptedWork.quick("last", new CopyOnWriteArrayList<>());
        pool.submit(1, last);
        last.awaitEnded(1);
    }

    private ItemResult succeed(int item, int bytes) {
        source.of("id-" + item).succeed(bytes);
        return batch.await();
    }

    /** All results still to come. */
    private List<ItemResult> awaitAll() {
        List<ItemResult> results = new ArrayList<>();
        for (ItemResult result = batch.await(); result != null; result = batch.await()) {
            results.add(result);
        }
        return results;
    }

    private static <T> CompletableFuture<T> onAnotherThread(Function<Thread, T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(work.apply(Thread.currentThread()));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Test
    void resultsAreHandedOverAsTheyCome() throws QueueFullException {
        begin(3, 3, Handling.LENIENT);

        ItemResult last = succeed(2, 7);
        ItemResult first = succeed(0, 5);
        source.of("id-1").succeedPartially();
        ItemResult middle = batch.await();

        assertThat(List.of(last.item(), first.item(), middle.item())).containsExactly(2, 0, 1);
        assertThat(last.json()).isEqualTo("xxxxxxx".getBytes(UTF_8));
        assertThat(List.of(last.complete(), first.complete(), middle.complete()))
                .containsExactly(true, true, false);
        assertThat(batch.await()).isNull();
        assertThat(batch.endedBy()).isNull();
    }

    @Test
    void pollingWaitsForNothing() throws QueueFullException {
        begin(1, 2, Handling.LENIENT);
        source.awaitBegun(1);

        assertThat(batch.poll()).isNull();

        source.of("id-0").succeed(1);
        source.awaitBegun(2);
        assertThat(batch.poll().item()).isZero();
        assertThat(batch.poll()).isNull();
    }

    @Test
    void sixtyFourItemsStartWhileNobodyTakesTheirResults() throws QueueFullException {
        begin(70, 100, Handling.LENIENT);

        source.awaitBegun(64);
        awaitAsked();

        assertThat(pool.queued()).isEqualTo(36);
    }

    @Test
    void oneMoreStartsForEachThatIsWrittenNotForOneThatIsTaken() throws QueueFullException {
        begin(70, 100, Handling.LENIENT);
        source.awaitBegun(64);
        ItemResult taken = succeed(17, 10);
        awaitAsked();
        assertThat(pool.queued()).isEqualTo(36);

        batch.written(1, taken.bytes());

        source.awaitBegun(65);
        awaitAsked();
        assertThat(pool.queued()).isEqualTo(35);
        assertThat(budget.used()).isZero();
    }

    @Test
    void asManyMoreStartAsAreWrittenAtOnce() throws QueueFullException {
        begin(70, 100, Handling.LENIENT);
        source.awaitBegun(64);
        int bytes = IntStream.range(0, 3).map(item -> succeed(item, 1).bytes()).sum();

        batch.written(3, bytes);

        source.awaitBegun(67);
        awaitAsked();
        assertThat(pool.queued()).isEqualTo(33);
    }

    @Test
    void nothingStartsWhileResultsLeaveNoRoomAndItGoesOnOnceTheyDo() throws QueueFullException {
        begin(1, 10, Handling.LENIENT);
        // Half of all memory: as much as is free.
        succeed(0, 5000);
        awaitAsked();
        assertThat(pool.queued()).isEqualTo(9);
        assertThat(budget.used()).isEqualTo(5000);

        batch.written(0, 1);

        source.awaitBegun(2);
        assertThat(pool.queued()).isEqualTo(8);
    }

    @Test
    void whoWaitsHasItGoOnWhereOthersHaveMadeRoom() throws QueueFullException {
        begin(1, 2, Handling.LENIENT);
        Share other = budget.open();
        other.take(9500);
        succeed(0, 1000);
        awaitAsked();
        assertThat(pool.queued()).isEqualTo(1);

        other.close();
        CompletableFuture<ItemResult> next = onAnotherThread(_ -> batch.await());

        source.of("id-1").succeed(1);
        assertThat(Await.result(next).item()).isEqualTo(1);
        assertThat(batch.overloaded()).isFalse();
    }

    @Test
    void whereNothingRunsAndNothingIsReadyAndNothingMayStartItIsOverloaded() throws QueueFullException {
        begin(1, 10, Handling.LENIENT);
        succeed(0, 6000);

        assertThat(batch.await()).isNull();

        assertThat(batch.overloaded()).isTrue();
        assertThat(pool.queued()).isZero();
        assertThat(source.begun()).isEqualTo(1);
        assertThat(batch.endedBy()).isNull();
        assertThat(batch.await()).isNull();
    }

    @Test
    void itIsNotOverloadedWhileAnItemRuns() throws QueueFullException {
        begin(2, 10, Handling.LENIENT);
        source.awaitBegun(2);
        succeed(0, 6000);
        CompletableFuture<Thread> waiter = new CompletableFuture<>();
        CompletableFuture<ItemResult> next = onAnotherThread(thread -> {
            waiter.complete(thread);
            return batch.await();
        });
        Await.until("the thread waits for a result", () -> waiter.join().getState() == Thread.State.WAITING);
        awaitAsked();
        assertThat(batch.overloaded()).isFalse();

        source.of("id-1").succeed(1);

        assertThat(Await.result(next).item()).isEqualTo(1);
        assertThat(batch.overloaded()).isFalse();
        assertThat(batch.await()).isNull();
        assertThat(batch.overloaded()).isTrue();
    }

    @Test
    void itIsNotOverloadedWhileAResultCanStillBeWritten() throws QueueFullException {
        begin(1, 3, Handling.LENIENT);
        source.of("id-0").succeed(6000);
        Await.until("the result is ready", () -> budget.used() == 6000);

        awaitAsked();

        assertThat(batch.overloaded()).isFalse();
        batch.written(1, batch.await().bytes());
        assertThat(succeed(1, 1).item()).isEqualTo(1);
    }

    @Test
    void itIsNotOverloadedWhileWhatWasTakenIsStillToBeWritten() throws QueueFullException {
        begin(1, 3, Handling.LENIENT);
        ItemResult taken = succeed(0, 6000);
        // Makes the pool ask the batch again, now that no result is ready.
        batch.written(0, 0);
        awaitAsked();

        assertThat(batch.overloaded()).isFalse();
        batch.written(1, taken.bytes());
        assertThat(succeed(1, 1).item()).isEqualTo(1);
    }

    @Test
    void whatIsDroppedForOverloadIsNotAttempted() throws QueueFullException {
        begin(1, 10, Handling.LENIENT);
        succeed(0, 6000);
        batch.await();

        assertThat(itemsCounted("complete")).isEqualTo(1);
        assertThat(itemsCounted("not-attempted")).isEqualTo(9);
    }

    @Test
    void aFailureInStrictCancelsWhatRunsAndDropsWhatDoesNot() throws QueueFullException {
        begin(3, 10, Handling.STRICT);
        source.awaitBegun(3);

        source.of("id-1").fail(new BackendException.NotFound("user"));

        // In any order: cancelled items may end before the failed result is handed over.
        Map<Integer, ItemResult> results =
                awaitAll().stream().collect(Collectors.toMap(ItemResult::item, Function.identity()));
        assertThat(results).containsOnlyKeys(0, 1, 2);
        assertThat(results.get(1).status()).isEqualTo(404);
        assertThat(request.cause()).isEqualTo(Cause.SIBLING_FAILED);
        for (String other : List.of("id-0", "id-2")) {
            source.of(other).awaitInterrupt();
            assertThat(source.of(other).cause()).isEqualTo(Cause.SIBLING_FAILED);
            assertThat(source.of(other).outcome()).isInstanceOf(Outcome.Cancelled.class);
        }
        assertThat(List.of(results.get(0), results.get(2)))
                .extracting(ItemResult::failure)
                .allSatisfy(failure ->
                        assertThat(((RequestCancelled) failure).why()).isEqualTo(Cause.SIBLING_FAILED));
        awaitNothingQueued();
        assertThat(source.begun()).isEqualTo(3);
        assertThat(batch.endedBy()).isEqualTo(Cause.SIBLING_FAILED);
        assertThat(itemsCounted("not-attempted")).isEqualTo(7);
    }

    @Test
    void aFailureInStrictEndsTheBatchBeforeAnybodyCanSeeIt() throws QueueFullException {
        CompletableFuture<ItemResult> seen = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        request.whenCancelled(_ -> {
            Await.latch(begun);
            seen.complete(batch.poll());
        });
        begin(1, 1, Handling.STRICT);
        begun.countDown();

        source.of("id-0").fail(new BackendException.NotFound("user"));

        assertThat(batch.await()).isNotNull();
        assertThat(Await.result(seen)).isNull();
    }

    @Test
    void aFailureInLenientEndsNoOther() throws QueueFullException {
        begin(2, 4, Handling.LENIENT);
        source.awaitBegun(2);

        source.of("id-0").fail(new BackendException.NotFound("user"));

        assertThat(batch.await().status()).isEqualTo(404);
        assertThat(source.of("id-2").cause()).isNull();
        assertThat(succeed(1, 1).complete()).isTrue();
        assertThat(succeed(2, 1).complete()).isTrue();
        assertThat(succeed(3, 1).complete()).isTrue();
        assertThat(batch.await()).isNull();
        assertThat(request.cause()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void whateverEndsTheRequestCancelsWhatRunsAndDropsWhatDoesNot(Cause cause) throws QueueFullException {
        begin(2, 10, Handling.LENIENT);
        source.awaitBegun(2);

        request.cancel(cause);

        assertThat(batch.endedBy()).isEqualTo(cause);
        assertThat(awaitAll())
                .extracting(ItemResult::failure)
                .hasSize(2)
                .allSatisfy(failure ->
                        assertThat(((RequestCancelled) failure).why()).isEqualTo(cause));
        assertThat(source.of("id-0").cause()).isEqualTo(cause);
        assertThat(source.of("id-1").cause()).isEqualTo(cause);
        awaitNothingQueued();
        assertThat(source.begun()).isEqualTo(2);
        assertThat(batch.endedBy()).isEqualTo(cause);
    }

    /** Listeners are told in any order: an item may be cancelled, and its worker free, before the queue is dropped. */
    @Test
    void nothingStartsOnceItIsCancelledThoughItIsNotDroppedYet() throws QueueFullException {
        CountDownLatch cancelling = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        for (int i = 0; i < 20; i++) {
            request.whenCancelled(_ -> {
                cancelling.countDown();
                Await.latch(goOn);
            });
        }
        begin(1, 10, Handling.LENIENT);
        source.awaitBegun(1);
        CompletableFuture<Boolean> cancelled = onAnotherThread(_ -> request.cancel(Cause.DEADLINE));
        Await.latch(cancelling);

        source.of("id-0").succeed(1);
        awaitAsked();

        goOn.countDown();
        assertThat(Await.result(cancelled)).isTrue();
        assertThat(awaitAll()).hasSize(1);
        assertThat(source.begun()).isEqualTo(1);
        assertThat(batch.overloaded()).isFalse();
        assertThat(batch.endedBy()).isEqualTo(Cause.DEADLINE);
    }

    @Test
    void aRequestThatEndedBeforeHasNothingBegin() throws QueueFullException {
        pool = new WorkerPool(1, 1000, _ -> {});
        ScriptedWork plug = ScriptedWork.held("plug", new CopyOnWriteArrayList<>());
        pool.submit(1, plug);
        plug.awaitBegun(1);
        request.cancel(Cause.CLIENT_GONE);

        batch = open(10, Handling.LENIENT, FAR, source);

        assertThat(pool.queued()).isZero();
        assertThat(batch.await()).isNull();
        assertThat(batch.endedBy()).isEqualTo(Cause.CLIENT_GONE);
        plug.letAllGo();
    }

    @Test
    void theDeadlineOfTheItemsEndsWhatIsNotDone() throws QueueFullException {
        begin(1, 10, Handling.LENIENT, Deadline.after(Duration.ofMillis(30)), source);

        ItemResult first = batch.await();

        assertThat(((RequestCancelled) first.failure()).why()).isEqualTo(Cause.DEADLINE);
        assertThat(first.status()).isEqualTo(504);
        assertThat(batch.await()).isNull();
        awaitNothingQueued();
        assertThat(request.cause()).isEqualTo(Cause.DEADLINE);
        assertThat(batch.endedBy()).isEqualTo(Cause.DEADLINE);
    }

    @ParameterizedTest
    @EnumSource
    void inStrictTheCauseThatCancelledAnItemIsTheBatchs(Cause cause) throws QueueFullException {
        begin(1, 3, Handling.STRICT);

        source.of("id-0").cancellation().cancel(cause);

        assertThat(batch.await()).isNotNull();
        assertThat(request.cause()).isEqualTo(cause);
        assertThat(batch.await()).isNull();
    }

    @Test
    void anInterruptOfWhoWaitsEndsTheBatchForTheShutdown() throws QueueFullException {
        begin(1, 10, Handling.LENIENT);
        source.awaitBegun(1);
        CompletableFuture<Thread> waiter = new CompletableFuture<>();
        CompletableFuture<List<ItemResult>> results = onAnotherThread(thread -> {
            waiter.complete(thread);
            return awaitAll();
        });

        waiter.join().interrupt();

        assertThat(Await.result(results))
                .singleElement()
                .satisfies(only ->
                        assertThat(((RequestCancelled) only.failure()).why()).isEqualTo(Cause.SHUTDOWN));
        assertThat(request.cause()).isEqualTo(Cause.SHUTDOWN);
        awaitNothingQueued();
    }

    @Test
    void endingWaitsForWhatRunsHoweverLongThatTakes() throws QueueFullException {
        begin(2, 10, Handling.LENIENT);
        Fetch stubborn = source.of("id-0");
        stubborn.beStubborn();
        source.awaitBegun(2);
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<Long> endedFirst = onAnotherThread(_ -> {
            batch.close();
            return ended.getCount();
        });
        stubborn.awaitInterrupt();
        assertThat(request.cause()).isEqualTo(Cause.CLIENT_GONE);
        assertThat(source.of("id-1").outcome()).isInstanceOf(Outcome.Cancelled.class);
        awaitNothingQueued();

        ended.countDown();
        stubborn.succeed(1);

        assertThat(Await.result(endedFirst)).isZero();
    }

    @Test
    void endingABatchThatIsDoneEndsNothing() throws QueueFullException {
        begin(1, 1, Handling.LENIENT);
        succeed(0, 1);

        batch.end();

        assertThat(request.cause()).isNull();
    }

    @Test
    void aBatchThatIsClosedLeavesNoDeadlineBehind() throws QueueFullException {
        begin(1, 1, Handling.LENIENT);
        succeed(0, 1);
        assertThat(Tickers.waiting(ticker)).isEqualTo(1);

        batch.close();

        assertThat(Tickers.waiting(ticker)).isZero();
    }

    @Test
    void aBatchThatThereIsNoRoomForLeavesNothingBehind() throws QueueFullException {
        pool = new WorkerPool(1, 5, _ -> {});

        assertThatThrownBy(() -> open(6, Handling.LENIENT, FAR, source)).isInstanceOf(QueueFullException.class);

        assertThat(Tickers.waiting(ticker)).isZero();
        assertThat(pool.queued()).isZero();
        assertThat(source.begun()).isZero();
    }

    @Test
    void aCauseThatComesAfterTheLastItemHasNotEndedTheBatch() throws QueueFullException {
        begin(1, 2, Handling.LENIENT);
        succeed(0, 1);
        succeed(1, 1);

        request.cancel(Cause.DEADLINE);

        assertThat(batch.endedBy()).isNull();
        batch.end();
        assertThat(batch.endedBy()).isNull();
    }

    @Test
    void aCauseThatComesAfterItWasOverloadedHasNotEndedTheBatch() throws QueueFullException {
        begin(1, 10, Handling.LENIENT);
        succeed(0, 6000);
        batch.await();

        request.cancel(Cause.DEADLINE);

        assertThat(batch.endedBy()).isNull();
    }

    /** Ends each item at once, and adds its cancellation to {@code given}. */
    private static ProfileSource atOnce(List<Cancellation> given, Predicate<String> succeeds) {
        return (id, _, _, cancellation, _) -> {
            given.add(cancellation);
            if (!succeeds.test(id)) {
                throw new BackendException.NotFound("user");
            }
            return new ProfileSource.Fetched(new byte[0], true);
        };
    }

    @Test
    void anItemThatHasEndedIsNotToldOfACancellation() throws QueueFullException {
        List<Cancellation> given = new CopyOnWriteArrayList<>();
        begin(1, 2, Handling.LENIENT, FAR, atOnce(given, "id-0"::equals));
        assertThat(awaitAll()).hasSize(2);

        request.cancel(Cause.DEADLINE);

        assertThat(given)
                .hasSize(2)
                .doesNotHaveDuplicates()
                .allSatisfy(own -> assertThat(own.cause()).isNull());
    }

    @ParameterizedTest
    @EnumSource
    void aLateCancelDoesNotInterruptWhatItsWorkerDoesNext(Cause cause) throws QueueFullException {
        begin(1, 1, Handling.LENIENT);
        Thread worker = source.of("id-0").worker();
        succeed(0, 1);
        ScriptedWork next = ScriptedWork.held("next", new CopyOnWriteArrayList<>());
        pool.submit(1, next);
        next.awaitBegun(1);

        assertThat(request.cancel(cause)).isTrue();
        next.letAllGo();

        next.awaitEnded(1);
        assertThat(next.threads()).containsExactly(worker);
        assertThat(next.interrupted()).isEmpty();
        assertThat(worker.isInterrupted()).isFalse();
    }

    @Test
    void aCancelledItemLeavesItsWorkerNoInterrupt() throws QueueFullException {
        begin(1, 2, Handling.LENIENT);
        Thread worker = source.of("id-0").worker();
        request.cancel(Cause.DEADLINE);
        assertThat(awaitAll()).hasSize(1);

        ScriptedWork next = ScriptedWork.held("next", new CopyOnWriteArrayList<>());
        pool.submit(1, next);
        next.awaitBegun(1);

        assertThat(worker.isInterrupted()).isFalse();
        next.letAllGo();
        next.awaitEnded(1);
        assertThat(next.interrupted()).isEmpty();
    }

    static Stream<Throwable> unforeseen() {
        return Stream.of(
                new IllegalStateException("thrown by the test"),
                new AssertionError("thrown by the test"),
                new StackOverflowError("thrown by the test"));
    }

    @ParameterizedTest
    @MethodSource
    void unforeseen(Throwable thrown) throws QueueFullException {
        try (CapturedLog log = new CapturedLog(Batch.class)) {
            begin(1, 2, Handling.LENIENT);

            source.of("id-0").fail(thrown);

            ItemResult failed = batch.await();
            assertThat(failed.status()).isEqualTo(500);
            assertThat(new String(failed.json(), UTF_8))
                    .contains("/problems/internal-error")
                    .doesNotContain("thrown by the test");
            assertThat(log.remaining()).singleElement().satisfies(line -> {
                assertThat(line.message()).isEqualTo("an item of the batch r1 failed");
                assertThat(line.record().getThrown()).isSameAs(thrown);
            });
            assertThat(succeed(1, 1).complete()).isTrue();
            assertThat(itemsCounted("internal-error")).isEqualTo(1);
        }
    }

    @Test
    void whatIsForeseenIsNotLogged() throws QueueFullException {
        try (CapturedLog log = new CapturedLog(Batch.class)) {
            begin(1, 2, Handling.LENIENT);

            source.of("id-0").fail(new BackendException.NotFound("user"));
            assertThat(batch.await().status()).isEqualTo(404);
            request.cancel(Cause.SHUTDOWN);
            assertThat(awaitAll()).hasSizeLessThanOrEqualTo(1);

            assertThat(log.remaining()).isEmpty();
        }
    }

    @Test
    void aDefectInStrictEndsTheBatchAsAnyFailureDoes() throws QueueFullException {
        try (CapturedLog _ = new CapturedLog(Batch.class)) {
            begin(2, 5, Handling.STRICT);
            source.awaitBegun(2);

            source.of("id-0").fail(new IllegalStateException("thrown by the test"));

            assertThat(source.of("id-1").outcome()).isInstanceOf(Outcome.Cancelled.class);
            assertThat(request.cause()).isEqualTo(Cause.SIBLING_FAILED);
            assertThat(awaitAll()).extracting(ItemResult::status).containsOnly(500);
        }
    }

    @Test
    void aPoolThatIsClosedEndsTheBatch() throws QueueFullException {
        begin(1, 3, Handling.LENIENT);
        source.awaitBegun(1);

        pool.close();

        assertThat(awaitAll())
                .singleElement()
                .satisfies(only ->
                        assertThat(((RequestCancelled) only.failure()).why()).isEqualTo(Cause.SHUTDOWN));
        assertThat(itemsCounted("not-attempted")).isEqualTo(2);
    }

    /** The number of items with {@code result} in the metrics. */
    private int itemsCounted(String result) {
        String sample = "muster_bulk_items_total{result=\"" + result + "\"} ";
        return new String(metrics.scrape(), UTF_8)
                .lines()
                .filter(line -> line.startsWith(sample))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(sample.length())))
                .sum();
    }
}
