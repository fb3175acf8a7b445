package dev.muster.concurrent;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Lets a number of callers in at once and has the others wait, in the order of their arrival; who would wait in vain is
 * refused at once.
 *
 * <p>A queue that is longer than deadlines allow serves nobody: each that gets its turn has no time left for its work.
 * So a caller is let in or may wait only if what it wants can be expected to be done in time. By Little's law (J. D. C.
 * Little, 1961), {@code limit} callers inside, of which each stays for {@code t}, leave at a rate of {@code limit / t}:
 * whoever has {@code n} callers before it waits for {@code (n + 1) * t / limit}, and is done after another {@code t}.
 * What is expected for {@code t} is a moving average of those who left last. While there is room, all are let in,
 * whatever is expected, so that a wrong expectation rights itself.
 *
 * <p>A caller's deadline itself is the caller's affair, which is interrupted when it passes. Safe for use by any thread.
 */
public final class Admission {
    /**
     * How far back the average reaches. It is one over time, not over callers: a pause that all inside have suffered must
     * not count as often as there are of them.
     */
    private static final double MEMORY_NANOS = 1e9;

    /** What is expected, and a quarter more: a caller that is refused only when its turn comes has waited in vain. */
    private static final double CAUTION = 1.25;

    private final int limit;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by lock.
    private final SequencedSet<Waiter> waiting = new LinkedHashSet<>();
    private int inside;
    private double typicalNanos;
    private long lastLeftNanos;

    /** The caller could not be done before its deadline. */
    public static final class TooLateException extends Exception {
        private static final long serialVersionUID = 1L;

        private TooLateException() {
            super("the turn would come too late", null, false, false);
        }
    }

    /**
     * An admission with nobody inside.
     *
     * @param limit how many may be inside at once, at least 1
     */
    public Admission(int limit) {
        this(limit, System::nanoTime);
    }

    Admission(int limit, LongSupplier clock) {
        this.limit = limit;
        this.clock = clock;
        this.lastLeftNanos = clock.getAsLong();
    }

    /**
     * Waits until the caller may go in.
     *
     * @param deadline when the caller must have left again for that to be of use
     * @return the caller's place, to be closed when it leaves
     * @throws TooLateException if that would be too late; it may be that this turns out only when its turn comes
     * @throws InterruptedException if the caller was interrupted while it waited; it has no place then
     */
    public Place enter(Deadline deadline) throws TooLateException, InterruptedException {
        Waiter waiter;
        lock.lockInterruptibly();
        try {
            if (inside < limit) {
                inside++;
                return new Place();
            }
            if (remainingNanos(deadline) < CAUTION * typicalNanos * (1 + (waiting.size() + 1.0) / limit)) {
                throw new TooLateException();
            }
            waiter = new Waiter(Thread.currentThread(), deadline);
            waiting.addLast(waiter);
        } finally {
            lock.unlock();
        }
        return await(waiter);
    }

    private Place await(Waiter waiter) throws TooLateException, InterruptedException {
        while (true) {
            switch (waiter.turn) {
                case ADMITTED -> {
                    return new Place();
                }
                case REFUSED -> throw new TooLateException();
                case AWAITED -> LockSupport.park(this);
            }
            if (Thread.interrupted()) {
                giveUp(waiter);
                throw new InterruptedException();
            }
        }
    }

    /** Takes an interrupted caller out of the queue; a place that it was given meanwhile goes on to the next. */
    private void giveUp(Waiter waiter) {
        lock.lock();
        try {
            if (!waiting.remove(waiter) && waiter.turn == Turn.ADMITTED) {
                passOn();
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave(long stayedNanos, long nowNanos) {
        lock.lock();
        try {
            typicalNanos += (stayedNanos - typicalNanos) * -Math.expm1((lastLeftNanos - nowNanos) / MEMORY_NANOS);
            lastLeftNanos = nowNanos;
            passOn();
        } finally {
            lock.unlock();
        }
    }

    /** Gives a free place to the first that can still make use of it; the caller holds the lock. */
    private void passOn() {
        while (!waiting.isEmpty()) {
            Waiter next = waiting.removeFirst();
            boolean inTime = remainingNanos(next.deadline) >= typicalNanos;
            next.turn = inTime ? Turn.ADMITTED : Turn.REFUSED;
            LockSupport.unpark(next.thread);
            if (inTime) {
                return;
            }
        }
        inside--;
    }

    private static long remainingNanos(Deadline deadline) {
        return deadline.remaining().toNanos();
    }

    /** How many are inside. */
    public int inside() {
        lock.lock();
        try {
            return inside;
        } finally {
            lock.unlock();
        }
    }

    /** How many wait. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** The right to be inside, held by one thread until it is closed. */
    public final class Place implements AutoCloseable {
        private final long sinceNanos = clock.getAsLong();

        private Place() {}

        @Override
        public void close() {
            long nowNanos = clock.getAsLong();
            leave(nowNanos - sinceNanos, nowNanos);
        }
    }

    private enum Turn {
        AWAITED,
        ADMITTED,
        REFUSED
    }

    private static final class Waiter {
        private final Thread thread;
        private final Deadline deadline;
        /** Set under the lock, read by the waiting thread without it. */
        private volatile Turn turn = Turn.AWAITED;

        Waiter(Thread thread, Deadline deadline) {
            this.thread = thread;
            this.deadline = deadline;
        }
    }
}
