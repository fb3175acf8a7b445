package dev.muster.backend;

import dev.muster.concurrent.Deadline;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bulkhead: a number of permits, and the callers that wait for one, by class and each class in the order of its arrival.
 * Bulk callers may hold no more than their share, even where permits are free.
 *
 * <p>A freed permit is handed to the first that may have it, so that no newcomer overtakes a waiter of its class.
 * Whenever the lock is free, this holds: if a caller of another class waits, no permit is free; if a bulk caller waits,
 * none is free or bulk has its share. So a permit that is freed lets one waiter go on at the most. The share is a limit
 * and no claim: while others wait for every permit, bulk gets none.
 *
 * <p>Nobody waits in vain. A queue that is longer than deadlines allow serves nobody: whoever gets its turn has no time
 * left for the call. So a single caller whose turn would come too late, as far as {@link HoldTime} can tell, is turned
 * away at once; one that has less time left than a call takes when its turn comes is turned away then, and the permit
 * goes to the next. A bulk caller is passed over instead, since its batch has others to call for, none of which would
 * fare better. While there is room, all are let in, whatever is expected, so that a wrong expectation rights itself. How
 * long a caller waits is its own deadline's affair, which interrupts it; a timed wait would be a second clock.
 *
 * <p>Not a weighted semaphore, such as Go's {@code golang.org/x/sync/semaphore.Weighted}: that one has a single queue,
 * whose head blocks everybody behind it until there is room for it. Bulk callers would stand before single ones.
 *
 * <p>Safe for use by any thread.
 */
final class Permits {
    /** What is expected, and a quarter more: a caller that is turned away only when its turn comes has waited in vain. */
    private static final double CAUTION = 1.25;

    /** No permit was free, and as many single callers as may wait already did. */
    static final class QueueFullException extends Exception {
        private static final long serialVersionUID = 1L;

        private QueueFullException() {
            super("too many callers wait", null, false, false);
        }
    }

    private final int total;
    private final int bulkTotal;
    private final int maxWaiting;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by lock.
    private final SequencedSet<Waiter> waitingBegun = new LinkedHashSet<>();
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
     * @param bulkTotal how many of {@code total} bulk callers may hold, at least 1
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
     * Takes a permit, waiting for one if there is none that the caller may have.
     *
     * @param deadline when the permit must have been of use
     * @throws QueueFullException if the caller is a single one and {@code maxWaiting} of those wait already
     * @throws TurnTooLateException if its turn would come too late; it may be that this turns out only when its turn comes
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

    /** A caller that has begun has been found to be in time; bulk callers are never more than bulk has workers. */
    private void requireTurnInTime(Deadline deadline) throws QueueFullException, TurnTooLateException {
        if (waitingSingle.size() >= maxWaiting) {
            throw new QueueFullException();
        }
        double turns = 1 + (waitingBegun.size() + waitingSingle.size() + 1.0) / total;
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

    /** Takes an interrupted caller out of its queue; a permit that it was handed meanwhile goes on to the next. */
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

    // The caller holds the lock for all below, up to Permit.

    /** Takes a permit back from this class, and hands it to the first waiter that may have it, if any. */
    private void passOn(CallClass from) {
        free++;
        if (from == CallClass.BULK) {
            bulkTaken--;
        }
        Waiter next = firstInTime(waitingBegun);
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

    /** The first that can still make use of a permit; those before it are turned away. */
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

    /** The first that can still make use of a permit; the first of all, where none can. */
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
            case BEGUN -> waitingBegun;
            case SINGLE -> waitingSingle;
            case BULK -> waitingBulk;
        };
    }

    /** Has whoever asks without the lock see what has changed. */
    private void look() {
        int taken = total - free;
        double waiting = waitingBegun.size() + waitingSingle.size();
        pressure = free > 0
                ? (double) taken / total
                : 1 + (1 + (waiting + 1) / total) * holdTime.expectedNanos(clock.getAsLong()) + waiting;
        backedUp = waitingBegun.size() >= total;
    }

    /**
     * How much there is to wait for: below 1 the part of the permits that is out, from 1 on the more the longer a single
     * caller would take that came now. Takes no lock, and may be a moment old.
     */
    double pressure() {
        return pressure;
    }

    /** Whether as many wait that have begun as there are permits. Takes no lock, and may be a moment old. */
    boolean isBackedUp() {
        return backedUp;
    }

    /** The right to make one call, until it is given back; by one thread at a time. */
    final class Permit implements AutoCloseable {
        private final CallClass callClass;
        private final long sinceNanos = clock.getAsLong();

        private Permit(CallClass callClass) {
            this.callClass = callClass;
        }

        /** Gives it back after a call. */
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

        /** Gives it back without a call, which says nothing of how long calls take. */
        void giveBackUnused() {
            lock.lock();
            try {
                passOn(callClass);
            } finally {
                lock.unlock();
            }
        }
    }

    /** How many permits are out, those of all classes. */
    int taken() {
        lock.lock();
        try {
            return total - free;
        } finally {
            lock.unlock();
        }
    }

    /** How many callers wait, those of all classes. */
    int waiting() {
        lock.lock();
        try {
            return waitingBegun.size() + waitingSingle.size() + waitingBulk.size();
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
