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
 * A batch in progress: the workers run its items, and the request's thread writes their results.
 *
 * <p>An item starts only on credit: while fewer than {@value #CREDIT} items are started and unwritten, and the
 * unwritten results leave room for more. So no worker waits for a slow client: its batch starts nothing, and workers
 * serve other batches. If the request's {@link Cancellation} ends the batch, waiting items are dropped and running
 * items are cancelled. Each item has its own cancellation, which is over before its worker takes the next item.
 *
 * <p>The request's thread creates, reads and closes the batch. The workers call the rest.
 */
final class Batch implements WorkerPool.Work, AutoCloseable {
    /** The most items that may be started and unwritten. */
    static final int CREDIT = 64;

    private static final Logger LOG = System.getLogger(Batch.class.getName());

    /**
     * The terms of all items.
     *
     * @param deadline of the answer
     * @param itemsBy deadline of the items, before the answer's
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
    /** Items neither ended nor dropped. */
    private int left;
    /** Started items whose credit is not returned yet. */
    private int unwritten;
    /** Whether the request's thread has written all it can, and waits for results. */
    private boolean waiting;

    private boolean overloaded;
    /** The cause of the cancellation, if any, when the last item ended. */
    private @Nullable Cause endedBy;

    /**
     * Submits the items.
     *
     * @param memory an empty share
     * @throws WorkerPool.QueueFullException if the workers' queues have no room for the items
     */
    Batch(
            BatchIds ids,
            Terms terms,
            ProfileSource source,
            ByteBudget.Share memory,
            BatchMetrics metrics,
            WorkerPool pool,
            DeadlineTicker ticker)
            throws WorkerPool.QueueFullException {
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
            // The cancelling thread is about to drop the queue. It may have ended the running items already.
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
                // No item runs, no result can be written, and still no item may start.
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
            // The item has the same deadline, and may notice it before the batch's timer.
            terms.cancellation().cancel(Cause.DEADLINE);
        }
        if (terms.strict() && result.failure() != null) {
            // Before the request's thread can see the result: it would end the batch with another cause.
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

    /** Counts ended or dropped items; the caller holds the lock. */
    private void gone(int items) {
        left -= items;
        if (left == 0) {
            endedBy = terms.cancellation().cause();
        }
        changed.signal();
    }

    /** The next result; null if none is ready. */
    @Nullable
    ItemResult poll() {
        lock.lock();
        try {
            return ready.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Whether no more results will come. */
    boolean isOver() {
        lock.lock();
        try {
            return left == 0 && ready.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next result; null if no more will come. Call it only after writing all that can be written.
     *
     * <p>An interrupt always means shutdown, and cancels as {@link Cause#SHUTDOWN}.
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

    /** Waits until a result is ready, or no more will come. */
    private void awaitChange() throws InterruptedException {
        lock.lock();
        try {
            waiting = true;
        } finally {
            lock.unlock();
        }
        // Another batch may have freed memory, so that an item may start now.
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

    /** Returns the credit of {@code items} written items, and {@code bytes} of memory. */
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

    /** Cancels the rest of the batch, and waits for its end. */
    void end() {
        lock.lock();
        try {
            if (left == 0) {
                return;
            }
        } finally {
            lock.unlock();
        }
        // An earlier cause stays. Without one, nobody reads the results.
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

    /** Whether the batch ended because its results did not fit into memory. */
    boolean overloaded() {
        lock.lock();
        try {
            return overloaded;
        } finally {
            lock.unlock();
        }
    }

    /** The cause that ends or ended the batch early; null if none, or if the cause came after the last item. */
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
     * The cause to end the answer now, even with results unwritten; null if none. The answer may use all of the
     * request's time. The items' deadline is earlier, to leave time for writing.
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
