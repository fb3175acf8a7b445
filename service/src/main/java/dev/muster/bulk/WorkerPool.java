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
 * A fixed number of workers, and the queues that they take their work from: one for each batch, served in rotation, an
 * item at a time, so that a small batch is not behind a large one.
 *
 * <p>Whoever submits is never made to wait: what does not fit is refused. Each item that was taken in is either run,
 * once, or dropped, once; none is run after {@link #close()}, and none of a batch's after its {@link Queue#drop()}.
 *
 * <p>Safe for use by any thread. Nothing blocks while the lock is held.
 */
public final class WorkerPool implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WorkerPool.class.getName());
    private static final Duration STOP_WAIT = Duration.ofSeconds(1);

    /** What the items of a batch are. */
    interface Work {
        /** Whether one more item may start, which counts as started then. Asked under the pool's lock. */
        boolean tryStart();

        /** Runs an item, on a worker; throws nothing. */
        void run(int item);

        /** Says that so many items are never run. */
        void dropped(int items);
    }

    /** There are too many items in the queues, or would be. */
    static final class FullException extends Exception {
        private static final long serialVersionUID = 1L;

        private FullException() {
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
    /** Those whose turn comes, the next first: they have items, and nothing is known to keep these from starting. */
    private final SequencedSet<Queue> rotation = new LinkedHashSet<>();

    private int queued;
    private int active;
    private boolean closed;

    /**
     * A pool whose workers run until it is closed.
     *
     * @param maxQueued how many items may wait, in all queues together
     * @param waits told how long each item waited for its start, in nanoseconds
     */
    public WorkerPool(int workers, int maxQueued, LongConsumer waits) {
        this.maxQueued = maxQueued;
        this.waits = waits;
        for (int i = 1; i <= workers; i++) {
            this.workers.add(Thread.ofVirtual().name("bulk-worker-" + i).start(this::work));
        }
    }

    /**
     * Takes in the items 0 to {@code items} - 1 of a batch, to be run in this order.
     *
     * @throws FullException if there is no room for all of them, or the pool is closed
     */
    Queue submit(int items, Work work) throws FullException {
        lock.lock();
        try {
            if (closed || items > maxQueued - queued) {
                throw new FullException();
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
            // The worker is needed for others.
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

    /** Does what a worker does, but waits for nothing: runs an item, if one may start now; false if none may. */
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

    /** How many items wait. */
    public int queued() {
        lock.lock();
        try {
            return queued;
        } finally {
            lock.unlock();
        }
    }

    /** How many workers run an item. */
    public int active() {
        lock.lock();
        try {
            return active;
        } finally {
            lock.unlock();
        }
    }

    /** Drops what has not begun, interrupts what has, and waits for the workers, for a second at most. */
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

    /** The items of one batch that have not begun. */
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

        /** Has the workers look again whether an item may start, which it could not when they looked last. */
        void resume() {
            lock.lock();
            try {
                enterRotation();
            } finally {
                lock.unlock();
            }
        }

        /** Drops the items that have not begun. */
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

        // Those below are called with the lock held.

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
