package dev.muster.backend;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bulkhead: a number of permits, and the callers that wait for one, the single ones before the bulk ones and each
 * class in the order of its arrival. Bulk callers may hold no more than their share, even where permits are free.
 *
 * <p>A freed permit is handed to the first that may have it, so that no newcomer overtakes a waiter of its class.
 * Whenever the lock is free, this holds: if a single caller waits, no permit is free; if a bulk caller waits, none is
 * free or bulk has its share. So a permit that is freed lets one waiter go on at the most. The share is a limit and no
 * claim: while single callers wait for every permit, bulk gets none.
 *
 * <p>Beyond a bound a single caller is turned away at once: a queue that cannot be served in time only burns CPU. How
 * long a caller waits is its own deadline's affair, which interrupts it; a timed wait would be a second clock.
 *
 * <p>Not a weighted semaphore, such as Go's {@code golang.org/x/sync/semaphore.Weighted}: that one has a single queue,
 * whose head blocks everybody behind it until there is room for it. Bulk callers would stand before single ones.
 *
 * <p>Safe for use by any thread.
 */
final class Permits {
    /** No permit was free, and as many single callers as may wait already did. */
    static final class FullException extends Exception {
        private static final long serialVersionUID = 1L;

        private FullException() {
            super("too many callers wait", null, false, false);
        }
    }

    private final int total;
    private final int bulkTotal;
    private final int maxWaiting;
    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by lock.
    private final SequencedSet<Waiter> waitingSingle = new LinkedHashSet<>();
    private final SequencedSet<Waiter> waitingBulk = new LinkedHashSet<>();
    private int free;
    private int bulkTaken;

    /**
     * Permits that are all free.
     *
     * @param bulkTotal how many of {@code total} bulk callers may hold, at least 1
     * @param maxWaiting how many single callers may wait
     */
    Permits(int total, int bulkTotal, int maxWaiting) {
        this.total = total;
        this.bulkTotal = bulkTotal;
        this.maxWaiting = maxWaiting;
        this.free = total;
    }

    /**
     * Takes a permit, waiting for one if there is none that the caller may have.
     *
     * @throws FullException if the caller is a single one and {@code maxWaiting} of those wait already
     * @throws InterruptedException if the caller was interrupted while it waited; it holds no permit then
     */
    void acquire(CallClass callClass) throws FullException, InterruptedException {
        Waiter waiter;
        lock.lockInterruptibly();
        try {
            if (mayTake(callClass)) {
                take(callClass);
                return;
            }
            // Waiting bulk callers are not counted: there are never more of them than bulk workers.
            if (callClass == CallClass.SINGLE && waitingSingle.size() >= maxWaiting) {
                throw new FullException();
            }
            waiter = new Waiter(Thread.currentThread(), callClass);
            queue(callClass).addLast(waiter);
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

    /** Takes an interrupted caller out of its queue; a permit that it was handed meanwhile goes on to the next. */
    private void giveUp(Waiter waiter) {
        lock.lock();
        try {
            if (!queue(waiter.callClass).remove(waiter)) {
                passOn(waiter.callClass);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives back a permit that was acquired for a call of this class. */
    void release(CallClass callClass) {
        lock.lock();
        try {
            passOn(callClass);
        } finally {
            lock.unlock();
        }
    }

    // The caller holds the lock for all four below.

    /** Takes a permit back from this class, and hands it to the first waiter that may have it, if any. */
    private void passOn(CallClass from) {
        free++;
        if (from == CallClass.BULK) {
            bulkTaken--;
        }
        CallClass to = waitingSingle.isEmpty() ? CallClass.BULK : CallClass.SINGLE;
        if (!queue(to).isEmpty() && mayTake(to)) {
            take(to);
            Waiter next = queue(to).removeFirst();
            next.granted = true;
            LockSupport.unpark(next.thread);
        }
    }

    private boolean mayTake(CallClass callClass) {
        return free > 0 && (callClass == CallClass.SINGLE || bulkTaken < bulkTotal);
    }

    private void take(CallClass callClass) {
        free--;
        if (callClass == CallClass.BULK) {
            bulkTaken++;
        }
    }

    private SequencedSet<Waiter> queue(CallClass callClass) {
        return callClass == CallClass.SINGLE ? waitingSingle : waitingBulk;
    }

    /** How many permits are out, those of both classes. */
    int taken() {
        lock.lock();
        try {
            return total - free;
        } finally {
            lock.unlock();
        }
    }

    /** How many callers wait, those of both classes. */
    int waiting() {
        lock.lock();
        try {
            return waitingSingle.size() + waitingBulk.size();
        } finally {
            lock.unlock();
        }
    }

    private static final class Waiter {
        private final Thread thread;
        private final CallClass callClass;
        /** Set under the lock, read by the waiting thread without it. */
        private volatile boolean granted;

        Waiter(Thread thread, CallClass callClass) {
            this.thread = thread;
            this.callClass = callClass;
        }
    }
}
