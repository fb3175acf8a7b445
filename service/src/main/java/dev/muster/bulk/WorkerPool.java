package dev.muster.bulk;

import dev.muster.concurrent.Deadline;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the items of all batches on a fixed number of workers. Each batch has a queue. The queues take turns, one item
 * at a time, so a small batch does not wait behind a large one.
 *
 * <p>Submitting never blocks: a batch that does not fit is rejected. Each accepted item is run once or dropped once. No
 * item starts after {@link #close()}, and no item of a batch after its {@link Queue#drop()}.
 *
 * <p>Thread-safe. Nothing blocks while the lock is held.
 */
public final class WorkerPool implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkerPool.class.getName());
    private static final Duration STOP_WAIT = Duration.ofSeconds(1);

    interface Work {
        /** Whether one more item may start; true also counts it as started. Called under the pool's lock. */
        boolean tryStart();

        /** Runs an item on a worker; throws nothing. */
        void run(int item);

        /** Tells the batch how many items will never run. */
        void dropped(int items);
    }

    /** The queues have no room for the batch, or the pool is closed. */
    static final class QueueFullException extends Exception {
        private static final long serialVersionUID = 1L;

        private QueueFullException() {
            super("too many items are queued", null, false, false);
        }
    }

    private final int maxQueued;
    private final LongConsumer waits;
    private final List<Thread> workers = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition workThere = lock.newCondition();

    // All below are guarded by lock.
    private final Set<Queue> open = new HashSet<>();
    /** Queues with items that may start, as far as is known; the next turn first. */
    private final SequencedSet<Queue> rotation = new LinkedHashSet<>();

    private int queued;
    private int active;
    private boolean closed;

    /**
     * Starts the workers.
     *
     * @param maxQueued the most waiting items, in all queues together
     * @param waits gets each item's time in the queue, in nanoseconds
     */
    public WorkerPool(int workers, int maxQueued, LongConsumer waits) {
        this.maxQueued = maxQueued;
        this.waits = waits;
        for (int i = 1; i <= workers; i++) {
            this.workers.add(Thread.ofVirtual().name("bulk-worker-" + i).start(this::work));
        }
    }

    /**
     * Accepts the items 0 to {@code items} - 1 of a batch, to run in this order.
     *
     * @throws QueueFullException if there is no room for all of them, or the pool is closed
     */
    Queue submit(int items, Work work) throws QueueFullException {
        lock.lock();
        try {
            if (closed || items > maxQueued - queued) {
                throw new QueueFullException();
            }
            Queue queue = new Queue(items, work);
            open.add(queue);
            queued += items;
            queue.enterRotation();
            return queue;
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        for (Turn turn = nextTurn(); turn != null; turn = nextTurn()) {
            run(turn);
        }
    }

    private void run(Turn turn) {
        try {
            waits.accept(turn.queue.ageNanos());
            turn.queue.work.run(turn.item);
        } catch (RuntimeException | Error e) {
            // The worker must go on: other batches need it.
            LOG.log(Level.ERROR, "an item of a batch failed", e);
        } finally {
            lock.lock();
            try {
                active--;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Runs one item as a worker does, but without waiting; false if no item may start now. */
    boolean runOne() {
        Turn turn;
        lock.lock();
        try {
            turn = closed ? null : tryTurn();
        } finally {
            lock.unlock();
        }
        if (turn == null) {
            return false;
        }
        run(turn);
        return true;
    }

    private record Turn(Queue queue, int item) {}

    /** Waits for an item that may start; null once the pool is closed. */
    private @Nullable Turn nextTurn() {
        lock.lock();
        try {
            while (!closed) {
                Turn turn = tryTurn();
                if (turn != null) {
                    return turn;
                }
                workThere.awaitUninterruptibly();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the first item that may start, if there is one; the caller holds the lock. */
    private @Nullable Turn tryTurn() {
        while (!rotation.isEmpty()) {
            Queue queue = rotation.removeFirst();
            if (queue.work.tryStart()) {
                active++;
                return new Turn(queue, queue.takeItem());
            }
        }
        return null;
    }

    public int queued() {
        lock.lock();
        try {
            return queued;
        } finally {
            lock.unlock();
        }
    }

    public int active() {
        lock.lock();
        try {
            return active;
        } finally {
            lock.unlock();
        }
    }

    /** Drops waiting items, interrupts running ones, and waits at most 1 s for the workers. */
    @Override
    public void close() {
        List<Queue> rest;
        lock.lock();
        try {
            closed = true;
            rest = List.copyOf(open);
            workThere.signalAll();
        } finally {
            lock.unlock();
        }
        rest.forEach(Queue::drop);
        workers.forEach(Thread::interrupt);
        Deadline deadline = Deadline.after(STOP_WAIT);
        for (Thread worker : workers) {
            if (!ends(worker, deadline.remaining())) {
                LOG.log(Level.WARNING, "{0} does not end", worker.getName());
            }
        }
    }

    private static boolean ends(Thread worker, Duration within) {
        try {
            return worker.join(within);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !worker.isAlive();
        }
    }

    /** The waiting items of one batch. */
    final class Queue {
        private final int items;
        private final Work work;
        private final long submittedNanos = System.nanoTime();

        // Guarded by the pool's lock.
        private int next;

        private Queue(int items, Work work) {
            this.items = items;
            this.work = work;
        }

        /** Makes the workers ask again whether an item may start, after an earlier no. */
        void resume() {
            lock.lock();
            try {
                enterRotation();
            } finally {
                lock.unlock();
            }
        }

        void drop() {
            int dropped;
            lock.lock();
            try {
                dropped = items - next;
                next = items;
                queued -= dropped;
                open.remove(this);
                rotation.remove(this);
            } finally {
                lock.unlock();
            }
            if (dropped > 0) {
                work.dropped(dropped);
            }
        }

        private long ageNanos() {
            return System.nanoTime() - submittedNanos;
        }

        // Callers of the methods below hold the lock.

        private void enterRotation() {
            if (next < items && rotation.add(this)) {
                workThere.signal();
            }
        }

        private int takeItem() {
            int item = next++;
            queued--;
            if (next == items) {
                open.remove(this);
            }
            enterRotation();
            return item;
        }
    }
}
