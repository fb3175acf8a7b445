package dev.muster.backend;

import dev.muster.concurrent.Deadline;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bulkhead: limits the calls to one backend. Callers wait by class, and within a class in order of arrival. Bulk callers
 * may hold no more than their share, even if permits are free.
 *
 * <p>A freed permit goes to the first waiter that may have it, so that no newcomer overtakes a waiter of its class.
 * Whenever the lock is free, this holds: if an admitted or single caller waits, no permit is free; if a bulk caller waits,
 * no permit is free or bulk has its full share. So a freed permit lets at most one waiter go on. The share is a limit,
 * not a guarantee: while others wait for every permit, bulk gets none.
 *
 * <p>A queue that is longer than deadlines allow serves nobody: at its turn, a caller has no time left for the call. So
 * we reject a single caller at once if {@link HoldTime} estimates that its turn would come too late. At its turn, we
 * reject an admitted or single caller that has less time left than a call takes, and the permit goes to the next. We pass
 * over such a bulk caller instead, as the next calls of its batch would fare no better. While a permit is free, every
 * caller gets one, so that a wrong estimate corrects itself. A caller's deadline ends its wait by an interrupt; a timed
 * wait would be a second clock.
 *
 * <p>Not a weighted semaphore, such as Go's {@code golang.org/x/sync/semaphore.Weighted}: its head blocks the whole
 * queue until there is room, so bulk callers would block single ones.
 *
 * <p>Safe for use by any thread.
 */
final class Permits {
    /** A quarter more than the estimate: a caller that is rejected only at its turn has waited in vain. */
    private static final double CAUTION = 1.25;

    /** No permit is free, and as many single callers wait as may. */
    static final class QueueFullException extends Exception {
        private static final long serialVersionUID = 1L;

        private QueueFullException() {
            super("the queue is full", null, false, false);
        }
    }

    private final int total;
    private final int bulkTotal;
    private final int maxWaiting;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by lock.
    private final SequencedSet<Waiter> waitingAdmitted = new LinkedHashSet<>();
    private final SequencedSet<Waiter> waitingSingle = new LinkedHashSet<>();
    private final SequencedSet<Waiter> waitingBulk = new LinkedHashSet<>();
    private final HoldTime holdTime;
    private int free;
    private int bulkTaken;

    // Written under the lock, read without.
    private volatile double pressure;
    private volatile boolean backedUp;

    /**
     * Permits that are all free.
     *
     * @param bulkTotal how many permits bulk callers may hold, at least 1
     * @param maxWaiting how many single callers may wait
     */
    Permits(int total, int bulkTotal, int maxWaiting) {
        this(total, bulkTotal, maxWaiting, System::nanoTime);
    }

    Permits(int total, int bulkTotal, int maxWaiting, LongSupplier clock) {
        this.total = total;
        this.bulkTotal = bulkTotal;
        this.maxWaiting = maxWaiting;
        this.clock = clock;
        this.holdTime = new HoldTime(total, clock.getAsLong());
        this.free = total;
    }

    /**
     * Takes a permit, or waits for one.
     *
     * @param deadline when the call must end
     * @throws QueueFullException if the caller is a single one and {@code maxWaiting} single ones wait already
     * @throws TurnTooLateException if its turn would come too late; perhaps thrown only when its turn comes
     * @throws InterruptedException if the caller was interrupted while it waited; it holds no permit then
     */
    Permit acquire(CallClass callClass, Deadline deadline)
            throws QueueFullException, TurnTooLateException, InterruptedException {
        Waiter waiter;
        lock.lockInterruptibly();
        try {
            if (mayTake(callClass)) {
                take(callClass);
                return new Permit(callClass);
            }
            if (callClass == CallClass.SINGLE) {
                requireTurnInTime(deadline);
            }
            waiter = new Waiter(Thread.currentThread(), callClass, deadline);
            queue(callClass).addLast(waiter);
            look();
        } finally {
            lock.unlock();
        }
        return await(waiter);
    }

    /** For single callers only: admitted ones have passed this already, and the workers limit bulk ones. */
    private void requireTurnInTime(Deadline deadline) throws QueueFullException, TurnTooLateException {
        if (waitingSingle.size() >= maxWaiting) {
            throw new QueueFullException();
        }
        double turns = 1 + (waitingAdmitted.size() + waitingSingle.size() + 1.0) / total;
        if (remainingNanos(deadline) < CAUTION * turns * holdTime.expectedNanos(clock.getAsLong())) {
            throw new TurnTooLateException();
        }
    }

    private Permit await(Waiter waiter) throws TurnTooLateException, InterruptedException {
        while (true) {
            switch (waiter.turn) {
                case GRANTED -> {
                    return new Permit(waiter.callClass);
                }
                case TOO_LATE -> throw new TurnTooLateException();
                case AWAITED -> LockSupport.park(this);
            }
            if (Thread.interrupted()) {
                giveUp(waiter);
                throw new InterruptedException();
            }
        }
    }

    /** Removes an interrupted caller from its queue. A permit granted meanwhile goes to the next. */
    private void giveUp(Waiter waiter) {
        lock.lock();
        try {
            if (queue(waiter.callClass).remove(waiter)) {
                look();
            } else if (waiter.turn == Turn.GRANTED) {
                passOn(waiter.callClass);
            }
        } finally {
            lock.unlock();
        }
    }

    // The caller holds the lock for all methods below, up to look().

    /** Takes a permit back from this class, and hands it to the first waiter that may have it, if any. */
    private void passOn(CallClass from) {
        free++;
        if (from == CallClass.BULK) {
            bulkTaken--;
        }
        Waiter next = firstInTime(waitingAdmitted);
        if (next == null) {
            next = firstInTime(waitingSingle);
        }
        if (next == null && mayTake(CallClass.BULK)) {
            next = firstOfBulk();
        }
        if (next != null) {
            queue(next.callClass).remove(next);
            take(next.callClass);
            next.end(Turn.GRANTED);
        } else {
            holdTime.hasRoom();
            look();
        }
    }

    /** The first waiter that can still use a permit. Those before it are rejected. */
    private @Nullable Waiter firstInTime(SequencedSet<Waiter> queue) {
        while (!queue.isEmpty()) {
            Waiter first = queue.getFirst();
            if (isInTime(first)) {
                return first;
            }
            queue.removeFirst();
            first.end(Turn.TOO_LATE);
        }
        return null;
    }

    /** The first waiter that can still use a permit, or the first of all if none can. */
    private @Nullable Waiter firstOfBulk() {
        for (Waiter waiter : waitingBulk) {
            if (isInTime(waiter)) {
                return waiter;
            }
        }
        return waitingBulk.isEmpty() ? null : waitingBulk.getFirst();
    }

    private boolean isInTime(Waiter waiter) {
        return remainingNanos(waiter.deadline) >= holdTime.expectedNanos(clock.getAsLong());
    }

    private static long remainingNanos(Deadline deadline) {
        return deadline.remaining().toNanos();
    }

    private boolean mayTake(CallClass callClass) {
        return free > 0 && (callClass != CallClass.BULK || bulkTaken < bulkTotal);
    }

    private void take(CallClass callClass) {
        free--;
        if (callClass == CallClass.BULK) {
            bulkTaken++;
        }
        if (free == 0) {
            holdTime.becomesFull(clock.getAsLong());
        }
        look();
    }

    private SequencedSet<Waiter> queue(CallClass callClass) {
        return switch (callClass) {
            case ADMITTED -> waitingAdmitted;
            case SINGLE -> waitingSingle;
            case BULK -> waitingBulk;
        };
    }

    /** Updates what is read without the lock. */
    private void look() {
        int taken = total - free;
        double waiting = waitingAdmitted.size() + waitingSingle.size();
        pressure = free > 0
                ? (double) taken / total
                : 1 + (1 + (waiting + 1) / total) * holdTime.expectedNanos(clock.getAsLong()) + waiting;
        backedUp = waitingAdmitted.size() >= total;
    }

    /**
     * The load. Below 1: the part of the permits in use. From 1 on: the longer a new single caller would take, the higher.
     * Takes no lock, and may be a moment old.
     */
    double pressure() {
        return pressure;
    }

    /** Whether at least as many admitted callers wait as there are permits. Takes no lock, may be a moment old. */
    boolean isBackedUp() {
        return backedUp;
    }

    /** The right to make one call, until given back. Used by one thread at a time. */
    final class Permit implements AutoCloseable {
        private final CallClass callClass;
        private final long sinceNanos = clock.getAsLong();

        private Permit(CallClass callClass) {
            this.callClass = callClass;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                long nowNanos = clock.getAsLong();
                holdTime.released(nowNanos - sinceNanos, nowNanos);
                passOn(callClass);
            } finally {
                lock.unlock();
            }
        }

        /** Gives it back without a call, so that its time does not count as a call's. */
        void giveBackUnused() {
            lock.lock();
            try {
                passOn(callClass);
            } finally {
                lock.unlock();
            }
        }
    }

    /** How many permits are in use, for all classes. */
    int taken() {
        lock.lock();
        try {
            return total - free;
        } finally {
            lock.unlock();
        }
    }

    /** How many callers wait, of all classes. */
    int waiting() {
        lock.lock();
        try {
            return waitingAdmitted.size() + waitingSingle.size() + waitingBulk.size();
        } finally {
            lock.unlock();
        }
    }

    private enum Turn {
        AWAITED,
        GRANTED,
        TOO_LATE
    }

    private static final class Waiter {
        private final Thread thread;
        private final CallClass callClass;
        private final Deadline deadline;

        /** Set under the lock, read by the waiting thread without it. */
        private volatile Turn turn = Turn.AWAITED;

        Waiter(Thread thread, CallClass callClass, Deadline deadline) {
            this.thread = thread;
            this.callClass = callClass;
            this.deadline = deadline;
        }

        private void end(Turn how) {
            turn = how;
            LockSupport.unpark(thread);
        }
    }
}
