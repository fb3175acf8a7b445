package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.bulk.WorkerPool.Queue;
import dev.muster.bulk.WorkerPool.QueueFullException;
import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.Soak;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which items the pool runs, when, in which order and on which threads. */
class WorkerPoolTest {
    private static final int MAX_QUEUED = 5000;

    private final List<String> trail = new CopyOnWriteArrayList<>();
    private final List<Long> waits = new CopyOnWriteArrayList<>();
    private final List<ScriptedWork> works = new ArrayList<>();
    private WorkerPool pool;

    private void start(int workers, int maxQueued) {
        pool = new WorkerPool(workers, maxQueued, waits::add);
    }

    /** Starts a pool of one busy worker, so that the next items wait. */
    private ScriptedWork startBusy(int maxQueued) throws QueueFullException {
        start(1, maxQueued);
        ScriptedWork plug = held("plug");
        pool.submit(1, plug);
        plug.awaitBegun(1);
        trail.clear();
        return plug;
    }

    private ScriptedWork quick(String name) {
        return noted(ScriptedWork.quick(name, trail));
    }

    private ScriptedWork held(String name) {
        return noted(ScriptedWork.held(name, trail));
    }

    private ScriptedWork refused(String name) {
        return noted(ScriptedWork.refused(name, trail));
    }

    private ScriptedWork noted(ScriptedWork work) {
        works.add(work);
        return work;
    }

    @AfterEach
    void stop() {
        works.forEach(ScriptedWork::letAllGo);
        if (pool != null) {
            pool.close();
        }
    }

    @Test
    void theItemsOfAQueueRunOnceEachInTheOrderOfTheirNumbers() throws QueueFullException {
        start(1, MAX_QUEUED);
        ScriptedWork work = quick("a");

        pool.submit(100, work);

        work.awaitEnded(100);
        assertThat(trail).containsExactlyElementsOf(names("a", 0, 100));
        assertThat(work.dropped()).isEmpty();
    }

    @Test
    void asManyItemsRunAtOnceAsThereAreWorkersAndNoMore() throws QueueFullException {
        start(3, MAX_QUEUED);
        ScriptedWork work = held("a");
        pool.submit(100, work);

        for (int begun = 3; begun <= 100; begun++) {
            work.awaitBegun(begun);
            assertThat(work.threads()).hasSize(begun);
            assertThat(pool.active()).isEqualTo(3);
            work.letGo(1);
        }
    }

    @Test
    void theSameThreadsServeAllQueues() throws QueueFullException {
        start(3, MAX_QUEUED);
        List<ScriptedWork> several = List.of(quick("a"), quick("b"), quick("c"), quick("d"));

        for (ScriptedWork work : several) {
            pool.submit(50, work);
        }

        several.forEach(work -> work.awaitEnded(50));
        HashSet<Thread> threads = new HashSet<>();
        several.forEach(work -> threads.addAll(work.threads()));
        assertThat(threads)
                .extracting(Thread::getName)
                .isSubsetOf("bulk-worker-1", "bulk-worker-2", "bulk-worker-3")
                .doesNotHaveDuplicates();
    }

    @Test
    void aSmallQueueBehindALargeOneTakesTurnsWithIt() throws QueueFullException {
        ScriptedWork plug = startBusy(MAX_QUEUED);
        ScriptedWork large = quick("large");
        pool.submit(1000, large);
        ScriptedWork small = quick("small");
        pool.submit(10, small);

        plug.letAllGo();

        large.awaitEnded(1000);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            expected.add("large" + i);
            expected.add("small" + i);
        }
        expected.addAll(names("large", 10, 1000));
        assertThat(trail).containsExactlyElementsOf(expected);
    }

    @Test
    void aQueueThatComesLaterTakesTurnsFromThenOn() throws QueueFullException {
        start(1, MAX_QUEUED);
        ScriptedWork first = held("a");
        pool.submit(6, first);
        first.letGo(2);
        first.awaitBegun(3);
        ScriptedWork second = quick("b");
        pool.submit(2, second);

        first.letAllGo();

        first.awaitEnded(6);
        // When b arrives, a2 runs, and a already has the next turn.
        assertThat(trail).containsExactly("a0", "a1", "a2", "a3", "b0", "a4", "b1", "a5");
    }

    @Test
    void resumingAQueueThatWaitsForItsTurnGainsItNone() throws QueueFullException {
        ScriptedWork plug = startBusy(MAX_QUEUED);
        ScriptedWork pushy = quick("pushy");
        Queue queue = pool.submit(4, pushy);
        ScriptedWork patient = quick("patient");
        pool.submit(4, patient);

        for (int i = 0; i < 10; i++) {
            queue.resume();
        }
        plug.letAllGo();

        patient.awaitEnded(4);
        assertThat(trail)
                .containsExactly(
                        "pushy0", "patient0", "pushy1", "patient1", "pushy2", "patient2", "pushy3", "patient3");
    }

    @Test
    void whatMayNotStartIsLeftOutAndHoldsUpNoOther() throws QueueFullException {
        start(1, MAX_QUEUED);
        ScriptedWork refused = refused("refused");
        pool.submit(3, refused);
        refused.awaitAsked(1);
        ScriptedWork other = quick("other");

        pool.submit(50, other);

        other.awaitEnded(50);
        assertThat(trail).containsExactlyElementsOf(names("other", 0, 50));
        assertThat(refused.asked()).as("asked without being resumed").isEqualTo(1);
        assertThat(pool.queued()).isEqualTo(3);
    }

    @Test
    void whatMayStartAgainGoesOnOnceItIsResumed() throws QueueFullException {
        start(1, MAX_QUEUED);
        ScriptedWork work = refused("a");
        Queue queue = pool.submit(3, work);
        work.awaitAsked(1);

        work.permit(2);
        queue.resume();

        // Two items may start, and the third may not.
        work.awaitAsked(4);
        assertThat(trail).containsExactly("a0", "a1");
        work.permit(1);
        queue.resume();
        work.awaitEnded(3);
        assertThat(trail).containsExactly("a0", "a1", "a2");
    }

    @Test
    void aResumedQueueWhoseItemsStillMayNotStartWaitsOn() throws QueueFullException {
        start(1, MAX_QUEUED);
        ScriptedWork work = refused("a");
        Queue queue = pool.submit(1, work);
        work.awaitAsked(1);

        queue.resume();

        work.awaitAsked(2);
        assertThat(trail).isEmpty();
        assertThat(pool.queued()).isEqualTo(1);
    }

    @Test
    void asManyItemsAreTakenInAsFit() throws QueueFullException {
        startBusy(10);

        pool.submit(4, quick("a"));
        pool.submit(6, quick("b"));

        assertThat(pool.queued()).isEqualTo(10);
    }

    @Test
    void aBatchThatDoesNotFitWholeIsRefusedWhole() throws QueueFullException {
        ScriptedWork plug = startBusy(10);
        ScriptedWork fits = quick("fits");
        pool.submit(4, fits);
        ScriptedWork tooLarge = quick("too large");

        assertThatThrownBy(() -> pool.submit(7, tooLarge)).isInstanceOf(QueueFullException.class);

        assertThat(pool.queued()).isEqualTo(4);
        plug.letAllGo();
        fits.awaitEnded(4);
        assertThat(tooLarge.asked()).isZero();
        assertThat(tooLarge.dropped()).isEmpty();
    }

    @Test
    void aBatchThatNeverFitsIsRefusedByAnIdlePool() {
        start(1, 10);

        assertThatThrownBy(() -> pool.submit(11, quick("a"))).isInstanceOf(QueueFullException.class);
        assertThatThrownBy(() -> pool.submit(Integer.MAX_VALUE, quick("b"))).isInstanceOf(QueueFullException.class);
    }

    @Test
    void thereIsRoomAgainForEachItemThatStarts() throws QueueFullException {
        start(1, 10);
        ScriptedWork work = held("a");
        pool.submit(10, work);
        work.awaitBegun(1);
        pool.submit(1, quick("b"));

        assertThatThrownBy(() -> pool.submit(1, quick("c"))).isInstanceOf(QueueFullException.class);

        work.letGo(1);
        // The second item of a: the turn of a is before that of b.
        work.awaitBegun(2);
        pool.submit(1, quick("c"));
        assertThatThrownBy(() -> pool.submit(1, quick("d"))).isInstanceOf(QueueFullException.class);
    }

    @Test
    void thereIsRoomAgainForItemsThatAreDropped() throws QueueFullException {
        startBusy(10);
        Queue queue = pool.submit(10, quick("a"));

        queue.drop();
        queue.drop();

        assertThat(pool.queued()).isZero();
        pool.submit(10, quick("b"));
        assertThatThrownBy(() -> pool.submit(1, quick("c"))).isInstanceOf(QueueFullException.class);
    }

    @Test
    void droppedItemsNeverRunAndAreToldOnce() throws QueueFullException {
        ScriptedWork plug = startBusy(MAX_QUEUED);
        ScriptedWork dropped = quick("dropped");
        Queue queue = pool.submit(5, dropped);
        ScriptedWork other = quick("other");
        pool.submit(5, other);

        queue.drop();
        queue.drop();
        queue.resume();
        plug.letAllGo();

        other.awaitEnded(5);
        assertThat(trail).containsExactlyElementsOf(names("other", 0, 5));
        assertThat(dropped.dropped()).containsExactly(5);
        assertThat(dropped.asked()).isZero();
    }

    @Test
    void droppingLeavesWhatRunsAlone() throws QueueFullException {
        start(2, MAX_QUEUED);
        ScriptedWork work = held("a");
        Queue queue = pool.submit(5, work);
        work.awaitBegun(2);

        queue.drop();

        assertThat(work.dropped()).containsExactly(3);
        assertThat(pool.active()).isEqualTo(2);
        work.letAllGo();
        work.awaitEnded(2);
        ScriptedWork next = quick("next");
        pool.submit(5, next);
        next.awaitEnded(5);
        assertThat(work.interrupted()).isEmpty();
        assertThat(work.threads()).hasSize(2);
    }

    @Test
    void droppingWhatMayNotStartDropsIt() throws QueueFullException {
        start(1, MAX_QUEUED);
        ScriptedWork work = refused("a");
        Queue queue = pool.submit(5, work);
        work.awaitAsked(1);

        queue.drop();

        assertThat(work.dropped()).containsExactly(5);
        assertThat(pool.queued()).isZero();
    }

    @Test
    void droppingWhatHasAllBegunTellsNothing() throws QueueFullException {
        start(1, MAX_QUEUED);
        ScriptedWork work = held("a");
        Queue queue = pool.submit(1, work);
        work.awaitBegun(1);

        queue.drop();

        assertThat(work.dropped()).isEmpty();
        assertThat(pool.queued()).isZero();
    }

    @Test
    void aDroppedQueueIsNotRetainedWhileAllWorkersAreBusy() throws QueueFullException {
        startBusy(MAX_QUEUED);

        WeakReference<WorkerPool.Work> dropped = submitAndDrop();

        Await.until("nothing retains the dropped work", () -> {
            System.gc();
            return dropped.refersTo(null);
        });
    }

    /** A separate method, so that no reference stays on the stack. */
    private WeakReference<WorkerPool.Work> submitAndDrop() throws QueueFullException {
        WorkerPool.Work work = ScriptedWork.quick("dropped", trail);
        pool.submit(5, work).drop();
        return new WeakReference<>(work);
    }

    @Test
    void closingDropsWhatHasNotBegunAndInterruptsWhatHas() throws QueueFullException {
        start(2, MAX_QUEUED);
        ScriptedWork refused = refused("refused");
        pool.submit(3, refused);
        refused.awaitAsked(1);
        ScriptedWork held = held("held");
        pool.submit(7, held);
        held.awaitBegun(2);

        pool.close();

        assertThat(held.interrupted()).containsExactlyInAnyOrder(0, 1);
        assertThat(held.dropped()).containsExactly(5);
        assertThat(refused.dropped()).containsExactly(3);
        assertThat(trail).containsExactlyInAnyOrder("held0", "held1");
        assertThat(pool.queued()).isZero();
        assertThat(pool.active()).isZero();
    }

    @Test
    void closingEndsWorkersThatHaveNothingToDo() throws QueueFullException {
        start(2, MAX_QUEUED);
        ScriptedWork work = held("a");
        pool.submit(2, work);
        work.awaitBegun(2);
        work.letAllGo();
        Await.until("the workers are idle", () -> pool.active() == 0);

        pool.close();

        assertThat(work.threads()).hasSize(2).noneMatch(Thread::isAlive);
        assertThat(work.interrupted()).isEmpty();
    }

    @Test
    void closingWaitsForTheWorkers() throws QueueFullException {
        start(1, MAX_QUEUED);
        Thread closer = Thread.ofPlatform().unstarted(pool::close);
        CountDownLatch begun = new CountDownLatch(1);
        List<Thread> worker = new CopyOnWriteArrayList<>();
        List<Thread.State> seen = new CopyOnWriteArrayList<>();
        pool.submit(1, new WorkerPool.Work() {
            @Override
            public boolean tryStart() {
                return true;
            }

            @Override
            public void run(int item) {
                worker.add(Thread.currentThread());
                begun.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    // close() has only one timed wait: the one for its workers.
                    Await.until(
                            "the pool is being closed, or is closed",
                            () -> closer.getState() == Thread.State.TIMED_WAITING || !closer.isAlive());
                    seen.add(closer.getState());
                }
            }

            @Override
            public void dropped(int items) {}
        });
        Await.latch(begun);

        closer.start();

        Await.end(closer);
        assertThat(worker).noneMatch(Thread::isAlive);
        assertThat(seen).containsExactly(Thread.State.TIMED_WAITING);
    }

    @Test
    void closingDoesNotWaitForeverForAWorkerThatTakesNoNoticeOfItsInterrupt() throws QueueFullException {
        start(1, MAX_QUEUED);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        pool.submit(1, new WorkerPool.Work() {
            @Override
            public boolean tryStart() {
                return true;
            }

            @Override
            public void run(int item) {
                begun.countDown();
                while (end.getCount() > 0) {
                    Thread.onSpinWait();
                }
            }

            @Override
            public void dropped(int items) {}
        });
        Await.latch(begun);

        try (CapturedLog log = new CapturedLog(WorkerPool.class)) {
            pool.close();

            assertThat(log.remaining())
                    .singleElement()
                    .satisfies(line -> assertThat(line.text()).contains("bulk-worker-1 does not end"));
        } finally {
            end.countDown();
        }
    }

    @Test
    void aClosedPoolTakesNothingIn() {
        start(1, MAX_QUEUED);
        ScriptedWork work = quick("late");

        pool.close();
        pool.close();

        assertThatThrownBy(() -> pool.submit(1, work)).isInstanceOf(QueueFullException.class);
        assertThat(pool.queued()).isZero();
        assertThat(work.dropped()).isEmpty();
    }

    @Test
    void queuedCountsWhatHasNotBegunAndActiveWhatRuns() throws QueueFullException {
        start(2, MAX_QUEUED);
        assertThat(pool.queued()).isZero();
        assertThat(pool.active()).isZero();
        ScriptedWork work = held("a");

        pool.submit(5, work);

        work.awaitBegun(2);
        assertThat(pool.queued()).isEqualTo(3);
        assertThat(pool.active()).isEqualTo(2);
        work.letGo(1);
        work.awaitBegun(3);
        assertThat(pool.queued()).isEqualTo(2);
        assertThat(pool.active()).isEqualTo(2);
        work.letAllGo();
        Await.until("nothing is active", () -> pool.active() == 0);
        assertThat(pool.queued()).isZero();
    }

    @Test
    void howLongEachItemWaitedIsTold() throws QueueFullException {
        ScriptedWork plug = startBusy(MAX_QUEUED);
        waits.clear();
        long before = System.nanoTime();
        ScriptedWork work = held("a");
        pool.submit(2, work);
        long submitted = System.nanoTime();

        Await.until("a millisecond has passed", () -> System.nanoTime() - submitted >= 1_000_000);
        long released = System.nanoTime();
        plug.letAllGo();
        work.awaitBegun(1);
        long begun = System.nanoTime();
        assertThat(waits)
                .singleElement()
                .satisfies(first -> assertThat(first).isBetween(released - submitted, begun - before));
        Await.until("another millisecond has passed", () -> System.nanoTime() - begun >= 1_000_000);
        work.letAllGo();
        work.awaitBegun(2);

        // The second item also waited for the first.
        assertThat(waits).hasSize(2);
        assertThat(waits.get(1)).isGreaterThanOrEqualTo(waits.get(0) + 1_000_000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void howeverManySubmitAndDropAtOnceEachItemIsRunOnceOrDroppedOnce(boolean closedMeanwhile) {
        long firstSeed = 20_260_101;
        for (int round = 0; round < Soak.times(20, 1000); round++) {
            new Storm(firstSeed + round, closedMeanwhile).rage();
        }
    }

    /** Many threads submit, resume and drop at once, perhaps while the pool closes. The seed decides the details. */
    private static final class Storm {
        private static final int SUBMITTERS = 6;
        private static final int BATCHES = 8;
        private static final int CLOSE_AFTER = SUBMITTERS * BATCHES / 2;

        private final long seed;
        private final boolean closes;
        private final WorkerPool pool = new WorkerPool(4, 150, _ -> {});
        private final List<StormBatch> batches = new CopyOnWriteArrayList<>();
        private final List<Throwable> failures = new CopyOnWriteArrayList<>();
        private final AtomicInteger tried = new AtomicInteger();

        Storm(long seed, boolean closes) {
            this.seed = seed;
            this.closes = closes;
        }

        void rage() {
            CyclicBarrier start = new CyclicBarrier(SUBMITTERS + 1);
            List<Thread> threads = IntStream.range(0, SUBMITTERS)
                    .mapToObj(i -> Thread.ofVirtual().start(() -> submit(start, new Random(seed * SUBMITTERS + i))))
                    .toList();
            try {
                start.await(10, TimeUnit.SECONDS);
                if (closes) {
                    Await.until("half has been submitted", () -> tried.get() >= CLOSE_AFTER);
                    pool.close();
                }
                threads.forEach(Await::end);
                if (!closes) {
                    Await.until("all is done", () -> pool.queued() == 0 && pool.active() == 0);
                }
                assertThat(failures).isEmpty();
                assertThat(batches).isNotEmpty().allSatisfy(StormBatch::assertAccounted);
                assertThat(pool.queued()).isZero();
                assertThat(pool.active()).isZero();
            } catch (Exception | Error e) {
                throw new AssertionError("with the seed " + seed, e);
            } finally {
                pool.close();
            }
        }

        private void submit(CyclicBarrier start, Random random) {
            try {
                start.await(10, TimeUnit.SECONDS);
                for (int i = 0; i < BATCHES; i++) {
                    tried.incrementAndGet();
                    submitOne(random);
                }
            } catch (Exception | Error e) {
                failures.add(e);
            }
        }

        private void submitOne(Random random) {
            StormBatch batch = new StormBatch(1 + random.nextInt(60), 1 + random.nextInt(3));
            Queue queue;
            try {
                queue = pool.submit(batch.ran.length(), batch);
            } catch (QueueFullException e) {
                return;
            }
            batches.add(batch);
            batch.queue(queue);
            for (int i = random.nextInt(4); i > 0; i--) {
                queue.resume();
                Thread.onSpinWait();
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                queue.drop();
            }
        }

        /** Items that start on credit. Each returns it at its end. */
        private static final class StormBatch implements WorkerPool.Work {
            private final AtomicIntegerArray ran;
            private final AtomicInteger dropped = new AtomicInteger();
            private final AtomicInteger credit;
            private volatile Queue queue;

            StormBatch(int items, int credit) {
                this.ran = new AtomicIntegerArray(items);
                this.credit = new AtomicInteger(credit);
            }

            void queue(Queue itsQueue) {
                queue = itsQueue;
                // Items that ended earlier had no queue to resume.
                itsQueue.resume();
            }

            @Override
            public boolean tryStart() {
                return credit.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
            }

            @Override
            public void run(int item) {
                ran.incrementAndGet(item);
                credit.incrementAndGet();
                Queue known = queue;
                if (known != null) {
                    known.resume();
                }
            }

            @Override
            public void dropped(int items) {
                dropped.addAndGet(items);
            }

            void assertAccounted() {
                int runs = ran.length() - dropped.get();
                for (int item = 0; item < ran.length(); item++) {
                    assertThat(ran.get(item)).as("runs of item " + item).isEqualTo(item < runs ? 1 : 0);
                }
            }
        }
    }

    private static List<String> names(String name, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> name + i).toList();
    }
}
