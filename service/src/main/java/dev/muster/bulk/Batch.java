package dev.muster.bulk;

import dev.muster.backend.BackendException;
import dev.muster.backend.CallContext;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.config.Handling;
import dev.muster.metrics.BatchMetrics;
import dev.muster.problem.RequestCancelled;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A batch that is being worked on: the workers run its items, and the thread that answers takes their results.
 *
 * <p>An item starts only on credit: while fewer than {@value #CREDIT} are started and not written, and while the results
 * that wait to be written leave room for more. So a worker never waits for whoever reads the answer; a batch that is
 * read slowly just starts nothing, and the workers turn to others. Whatever ends the batch, its request's
 * {@link Cancellation} is told first: what has not begun is dropped, and what runs is cancelled, each item by a
 * cancellation of its own, which is over before its worker takes the next one.
 *
 * <p>Made, read and closed by one thread, the one that answers; the rest is for the workers.
 */
final class Batch implements WorkerPool.Work, AutoCloseable {
    /** How many items may be started and not written. */
    static final int CREDIT = 64;

    private static final Logger LOG = System.getLogger(Batch.class.getName());

    /**
     * What holds for all items.
     *
     * @param deadline when the answer has to be there
     * @param itemsBy when the items have to be, which is earlier
     * @param cancellation the request's
     * @param context the request's
     */
    record Terms(
            Deadline deadline, Deadline itemsBy, Handling handling, Cancellation cancellation, CallContext context) {
        boolean strict() {
            return handling == Handling.STRICT;
        }
    }

    private final BatchIds ids;
    private final Terms terms;
    private final ProfileSource source;
    private final ByteBudget.Share memory;
    private final BatchMetrics metrics;
    private final WorkerPool.Queue queue;
    private final DeadlineTicker.Scheduled expiry;
    private final Cancellation.Listener dropping;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All below are guarded by lock.
    private final Deque<ItemResult> ready = new ArrayDeque<>();
    private int running;
    /** Items that have neither ended nor been dropped. */
    private int left;
    /** Items that were started, and whose credit has not been given back. */
    private int unwritten;
    /** Whether who answers has written all that it can, and waits for more. */
    private boolean waiting;

    private boolean overloaded;
    /** What had cancelled it when the last item ended. */
    private @Nullable Cause endedBy;

    /**
     * Begins a batch.
     *
     * @param memory holds nothing
     * @throws WorkerPool.FullException if the workers have too much to do already
     */
    Batch(
            BatchIds ids,
            Terms terms,
            ProfileSource source,
            ByteBudget.Share memory,
            BatchMetrics metrics,
            WorkerPool pool,
            DeadlineTicker ticker)
            throws WorkerPool.FullException {
        this.ids = ids;
        this.terms = terms;
        this.source = source;
        this.memory = memory;
        this.metrics = metrics;
        this.left = ids.distinct();
        if (terms.itemsBy().hasPassed()) {
            terms.cancellation().cancel(Cause.DEADLINE);
        }
        this.queue = pool.submit(ids.distinct(), this);
        this.expiry =
                ticker.schedule(terms.itemsBy(), () -> terms.cancellation().cancel(Cause.DEADLINE));
        this.dropping = terms.cancellation().whenCancelled(_ -> queue.drop());
    }

    @Override
    public boolean tryStart() {
        if (terms.cancellation().cause() != null) {
            // Whoever has cancelled is about to drop it, and may have ended what ran before.
            return false;
        }
        lock.lock();
        try {
            if (unwritten < CREDIT && memory.mayGrow()) {
                unwritten++;
                running++;
                return true;
            }
            if (waiting && running == 0 && ready.isEmpty()) {
                // Nothing of it runs, nothing of it can be written, and still there is no room for more.
                overloaded = true;
                changed.signal();
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run(int item) {
        ItemResult result = null;
        try {
            result = fetch(item);
            ended(result);
        } finally {
            lock.lock();
            try {
                if (result != null) {
                    ready.addLast(result);
                }
                running--;
                gone(1);
            } finally {
                lock.unlock();
            }
        }
    }

    private void ended(ItemResult result) {
        metrics.itemEnds(result.outcome());
        if (!result.complete() && terms.itemsBy().hasPassed()) {
            // The item has the same deadline, and may have noticed before the timer of the batch did.
            terms.cancellation().cancel(Cause.DEADLINE);
        }
        if (terms.strict() && result.failure() != null) {
            // Before anybody can see the result, and end the batch for what would seem to be another cause.
            terms.cancellation()
                    .cancel(result.failure() instanceof RequestCancelled e ? e.why() : Cause.SIBLING_FAILED);
        }
        memory.take(result.bytes());
    }

    private ItemResult fetch(int item) {
        Cancellation own = new Cancellation();
        try (var _ = terms.cancellation().whenCancelled(own::cancel)) {
            return ItemResult.of(
                    item, source.fetch(ids.id(item), terms.deadline(), terms.handling(), own, terms.context()));
        } catch (BackendException | RequestCancelled e) {
            return ItemResult.failed(item, e);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "an item of the batch " + terms.context().requestId() + " failed", e);
            return ItemResult.failed(item, e);
        }
    }

    @Override
    public void dropped(int items) {
        metrics.itemsDropped(items);
        lock.lock();
        try {
            gone(items);
        } finally {
            lock.unlock();
        }
    }

    /** Counts items that have ended or were dropped; the caller holds the lock. */
    private void gone(int items) {
        left -= items;
        if (left == 0) {
            endedBy = terms.cancellation().cause();
        }
        changed.signal();
    }

    /** A result that is there; null if there is none now. */
    @Nullable
    ItemResult poll() {
        lock.lock();
        try {
            return ready.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there will be no more results. */
    boolean isOver() {
        lock.lock();
        try {
            return left == 0 && ready.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next result; null once there will be none any more. To be called when all that can be written is.
     *
     * <p>An interrupt can only mean that the thread is to end, and cancels as {@link Cause#SHUTDOWN}.
     */
    @Nullable
    ItemResult await() {
        while (true) {
            try {
                awaitChange();
                return poll();
            } catch (InterruptedException e) {
                terms.cancellation().cancel(Cause.SHUTDOWN);
            }
        }
    }

    /** Waits until there is a result, or there will be none any more. */
    private void awaitChange() throws InterruptedException {
        lock.lock();
        try {
            waiting = true;
        } finally {
            lock.unlock();
        }
        // What kept an item from starting may have changed without this batch's doing.
        queue.resume();
        boolean stuck;
        lock.lock();
        try {
            while (ready.isEmpty() && left > 0 && !overloaded) {
                changed.await();
            }
            stuck = overloaded;
        } finally {
            waiting = false;
            lock.unlock();
        }
        if (stuck) {
            queue.drop();
        }
    }

    /** Gives back what results took that are written now: the credit of {@code items}, and memory. */
    void written(int items, long bytes) {
        memory.release(bytes);
        lock.lock();
        try {
            unwritten -= items;
        } finally {
            lock.unlock();
        }
        queue.resume();
    }

    /** Ends what there still is of the batch, and waits for that. */
    void end() {
        lock.lock();
        try {
            if (left == 0) {
                return;
            }
        } finally {
            lock.unlock();
        }
        // Unless it is cancelled already, nobody takes the results.
        terms.cancellation().cancel(Cause.CLIENT_GONE);
        lock.lock();
        try {
            while (left > 0) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether it was ended because its results did not fit into memory. */
    boolean overloaded() {
        lock.lock();
        try {
            return overloaded;
        } finally {
            lock.unlock();
        }
    }

    /** What ends it before its end, or has; null if nothing, or if it had come to its end before. */
    @Nullable
    Cause endedBy() {
        lock.lock();
        try {
            return left == 0 ? endedBy : terms.cancellation().cause();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Why the answer is to end, whether or not all results are written; null as long as it need not. It has the whole of
     * the request's time: that of the items is shorter so that there is some left to write.
     */
    @Nullable
    Cause answerEndedBy() {
        Cause cause = terms.cancellation().cause();
        if (cause != null && cause != Cause.DEADLINE) {
            return cause;
        }
        return terms.deadline().hasPassed() ? Cause.DEADLINE : null;
    }

    @Override
    public void close() {
        end();
        expiry.close();
        dropping.close();
    }
}
