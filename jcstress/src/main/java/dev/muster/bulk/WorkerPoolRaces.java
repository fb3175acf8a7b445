package dev.muster.bulk;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.bulk.WorkerPool.Queue;
import dev.muster.bulk.WorkerPool.QueueFullException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Workers take items while batches are submitted, resumed and dropped, and while the pool closes. Most races need no
 * sleeping worker: there, an actor is the worker of a pool without workers.
 */
final class WorkerPoolRaces {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private WorkerPoolRaces() {}

    private static WorkerPool pool(int workers, int maxQueued) {
        return new WorkerPool(workers, maxQueued, _ -> {});
    }

    /** Items that start on credit. */
    private static final class Items implements WorkerPool.Work {
        private final AtomicInteger credit;
        private final AtomicInteger ran = new AtomicInteger();
        private final AtomicInteger dropped = new AtomicInteger();
        private volatile boolean ended;
        private volatile boolean ranTooLate;

        Items(int credit) {
            this.credit = new AtomicInteger(credit);
        }

        @Override
        public boolean tryStart() {
            if (credit.get() == 0) {
                return false;
            }
            credit.decrementAndGet();
            return true;
        }

        @Override
        public void run(int item) {
            ranTooLate |= ended;
            ran.incrementAndGet();
        }

        @Override
        public void dropped(int items) {
            dropped.addAndGet(items);
        }

        /** No item may run after this call. */
        void end() {
            ended = true;
        }

        int ran() {
            return ranTooLate ? -1 : ran.get();
        }

        /** The items run, after a wait until they are {@code all}, or PATIENCE is over. */
        int awaitRan(int all) {
            long begun = System.nanoTime();
            while (ran.get() < all && System.nanoTime() - begun < PATIENCE.toNanos()) {
                Thread.onSpinWait();
            }
            return ran.get();
        }
    }

    /** Submits items; null if there is no room. */
    private static Queue submit(WorkerPool pool, int count, Items items) {
        try {
            return pool.submit(count, items);
        } catch (QueueFullException e) {
            return null;
        }
    }

    @JCStressTest
    @Description("A batch is dropped while a worker takes its items: each item is either run or dropped.")
    @Outcome(
            id = {"0, 2, 0", "1, 1, 0", "2, 0, 0"},
            expect = ACCEPTABLE,
            desc = "items run until the drop")
    @Outcome(expect = FORBIDDEN, desc = "an item is lost, or ends twice, or still counts as waiting")
    @State
    public static class TakeAndDrop {
        private final WorkerPool pool = pool(0, 2);
        private final Items items = new Items(2);
        private final Queue queue = submit(pool, 2, items);

        @Actor
        public void worker() {
            pool.runOne();
            pool.runOne();
        }

        @Actor
        public void client() {
            queue.drop();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r1 = items.ran();
            r.r2 = items.dropped.get();
            r.r3 = pool.queued();
        }
    }

    @JCStressTest
    @Description("Two threads drop the same batch, as its end and the closing of the pool may: the batch is told once.")
    @Outcome(id = "0, 2, 0", expect = ACCEPTABLE, desc = "dropped once")
    @Outcome(expect = FORBIDDEN, desc = "dropped twice, or not at all, or the room is counted wrong")
    @State
    public static class DropAndDrop {
        private final WorkerPool pool = pool(0, 2);
        private final Items items = new Items(2);
        private final Queue queue = submit(pool, 2, items);

        @Actor
        public void client() {
            queue.drop();
        }

        @Actor
        public void shutdown() {
            pool.close();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r1 = items.ran();
            r.r2 = items.dropped.get();
            r.r3 = pool.queued();
        }
    }

    @JCStressTest
    @Description("Two workers take the two items of a batch: each item runs once.")
    @Outcome(id = "2, 0, 0", expect = ACCEPTABLE, desc = "each worker runs one, or one worker runs both")
    @Outcome(expect = FORBIDDEN, desc = "an item is lost, or runs twice")
    @State
    public static class TakeAndTake {
        private final WorkerPool pool = pool(0, 2);
        private final Items items = new Items(2);

        public TakeAndTake() {
            submit(pool, 2, items);
        }

        @Actor
        public void first() {
            pool.runOne();
        }

        @Actor
        public void second() {
            pool.runOne();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r1 = items.ran();
            r.r2 = items.dropped.get();
            r.r3 = pool.active();
        }
    }

    @JCStressTest
    @Description("Credit is returned while a worker finds none: the item runs without another resume.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "run, in the worker's turn or in the one after")
    @Outcome(id = "0, 1", expect = FORBIDDEN, desc = "there is credit, and no worker will look")
    @Outcome(expect = FORBIDDEN, desc = "run twice, or lost")
    @State
    public static class RefuseAndResume {
        private final WorkerPool pool = pool(0, 1);
        private final Items items = new Items(0);
        private final Queue queue = submit(pool, 1, items);

        @Actor
        public void worker() {
            pool.runOne();
        }

        @Actor
        public void writer() {
            items.credit.incrementAndGet();
            queue.resume();
        }

        @Arbiter
        public void afterwards(II_Result r) {
            pool.runOne();
            r.r1 = items.ran();
            r.r2 = pool.queued();
        }
    }

    @JCStressTest
    @Description("Credit is returned while a worker falls asleep: the worker is woken.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "run")
    @Outcome(expect = FORBIDDEN, desc = "the worker sleeps on, or the item runs twice")
    @State
    public static class SleepAndResume {
        private final WorkerPool pool = pool(1, 1);
        private final Items items = new Items(0);
        private final Queue queue = submit(pool, 1, items);

        @Actor
        public void giver() {
            items.credit.incrementAndGet();
            queue.resume();
        }

        @Actor
        public void other() {
            queue.resume();
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = items.awaitRan(1);
            r.r2 = pool.queued();
            pool.close();
        }
    }

    @JCStressTest
    @Description(
            "Two batches are submitted to a pool with room for one: one is accepted and run, the other is rejected.")
    @Outcome(
            id = {"2, 0, 0", "0, 2, 0"},
            expect = ACCEPTABLE,
            desc = "one is rejected whole")
    @Outcome(id = "2, 2, .*", expect = FORBIDDEN, desc = "both are accepted")
    @Outcome(expect = FORBIDDEN, desc = "both are rejected, or one in part")
    @State
    public static class SubmitAndSubmit {
        private final WorkerPool pool = pool(0, 3);
        private final Items first = new Items(2);
        private final Items second = new Items(2);

        @Actor
        public void first() {
            submit(pool, 2, first);
        }

        @Actor
        public void second() {
            submit(pool, 2, second);
        }

        @Arbiter
        public void afterwards(III_Result r) {
            while (pool.runOne()) {
                // Runs all accepted items.
            }
            r.r1 = first.ran();
            r.r2 = second.ran();
            r.r3 = pool.queued();
        }
    }

    @JCStressTest
    @Description(
            "A batch is submitted while the pool closes: it is rejected, dropped or run; no item runs after close.")
    @Outcome(
            id = {"0, 1, 0", "1, 0, 0"},
            expect = ACCEPTABLE,
            desc = "accepted, and dropped or run")
    @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "rejected")
    @Outcome(id = "0, 0, 1", expect = FORBIDDEN, desc = "accepted, but neither run nor dropped")
    @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "run after the pool was closed")
    @Outcome(expect = FORBIDDEN, desc = "run and dropped")
    @State
    public static class SubmitAndClose {
        private final WorkerPool pool = pool(1, 1);
        private final Items items = new Items(1);

        @Actor
        public void client() {
            submit(pool, 1, items);
        }

        @Actor
        public void shutdown() {
            pool.close();
            items.end();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r1 = items.ran();
            r.r2 = items.dropped.get();
            r.r3 = pool.queued();
        }
    }

    @JCStressTest
    @Description("A batch is submitted and dropped while a worker runs items and the pool closes: each item ends once.")
    @Outcome(
            id = {"0, 0, 0", "0, 2, 0", "1, 1, 0", "2, 0, 0"},
            expect = ACCEPTABLE,
            desc = "rejected, or each item is run or dropped")
    @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "run after the pool was closed")
    @Outcome(expect = FORBIDDEN, desc = "an item is lost, or is both run and dropped")
    @State
    public static class SubmitAndDropAndClose {
        private final WorkerPool pool = pool(1, 2);
        private final Items items = new Items(2);

        @Actor
        public void client() {
            Queue queue = submit(pool, 2, items);
            if (queue != null) {
                queue.resume();
                queue.drop();
            }
        }

        @Actor
        public void shutdown() {
            pool.close();
            items.end();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r1 = items.ran();
            r.r2 = items.dropped.get();
            r.r3 = pool.queued();
        }
    }
}
