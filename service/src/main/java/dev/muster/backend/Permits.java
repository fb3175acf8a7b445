package dev.muster.backend;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bulkhead: a number of permits, and a bounded queue of callers that wait for one in the order of their arrival.
 *
 * <p>A freed permit is handed to the first that waits, so that no newcomer overtakes it. Beyond the bound a caller is
 * turned away at once: a queue that cannot be served in time only burns CPU. How long a caller waits is its own
 * deadline's affair, which interrupts it; a timed wait would be a second clock.
 *
 * <p>Safe for use by any thread.
 */
final class Permits {
    /** No permit was free, and as many callers as may wait already did. */
    static final class FullException extends Exception {
        private static final long serialVersionUID = 1L;

        private FullException() {
            super("too many callers wait", null, false, false);
        }
    }

    private final int total;
    private final int maxWaiting;
    private final ReentrantLock lock = new ReentrantLock();

    // Both are guarded by lock.
    private final SequencedSet<Waiter> waiting = new LinkedHashSet<>();
    private int free;

    Permits(int total, int maxWaiting) {
        this.total = total;
        this.maxWaiting = maxWaiting;
        this.free = total;
    }

    /**
     * Takes a permit, waiting for one if none is free.
     *
     * @throws FullException if {@code maxWaiting} callers wait already
     * @throws InterruptedException if the caller was interrupted while it waited; it holds no permit then
     */
    void acquire() throws FullException, InterruptedException {
        Waiter waiter;
        lock.lockInterruptibly();
        try {
            if (free > 0) {
                free--;
                return;
            }
            if (waiting.size() >= maxWaiting) {
                throw new FullException();
            }
            waiter = new Waiter(Thread.currentThread());
            waiting.addLast(waiter);
        } finally {
            lock.unlock();
        }
        while (!waiter.granted) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                giveUp(waiter);
                throw new InterruptedException();
            }
        }
    }

    /** Takes an interrupted caller out of the queue; a permit that it was handed meanwhile goes on to the next. */
    private void giveUp(Waiter waiter) {
        lock.lock();
        try {
            if (!waiting.remove(waiter)) {
                passOn();
            }
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            passOn();
        } finally {
            lock.unlock();
        }
    }

    /** Hands one permit to the first that waits, if any; the caller holds the lock. */
    private void passOn() {
        if (waiting.isEmpty()) {
            free++;
        } else {
            Waiter next = waiting.removeFirst();
            next.granted = true;
            LockSupport.unpark(next.thread);
        }
    }

    /** How many permits are out. */
    int taken() {
        lock.lock();
        try {
            return total - free;
        } finally {
            lock.unlock();
        }
    }

    /** How many callers wait. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private static final class Waiter {
        private final Thread thread;
        /** Set under the lock, read by the waiting thread without it. */
        private volatile boolean granted;

        Waiter(Thread thread) {
            this.thread = thread;
        }
    }
}
