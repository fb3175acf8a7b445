package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits the connections of one listener to a number of places. If all are taken, a newcomer gets the place of the
 * holder that has been idle longest. If none is idle, the newcomer gets no place.
 *
 * <p>A connection becomes idle after every request, so this costs nothing. Idle holders are found only when a newcomer
 * needs a place. One look at all holders serves the next newcomers, too: the queue keeps the longest idle, in order.
 * All others have been idle for less time. So the order is exact, and the next look is due when the queue is empty.
 *
 * <p>Thread-safe.
 */
final class Places {
    /**
     * A holder or newcomer may be idle for so long. A busy client is idle for a round trip between two requests, a new
     * one while its first request is on its way. So a flood of silent newcomers closes no connection in use, and none
     * before its first request. It keeps out no client with a request: silent newcomers are the next to go.
     */
    static final Duration MOMENT = Duration.ofMillis(250);

    /** Without it, each newcomer of a flood would cost a look while all holders are busy. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    /** The most newcomers at once. */
    private static final int QUEUE = ConnectionGuard.REJECTED_AT_ONCE;

    /** A connection that has a place. */
    interface Holder {
        /** When its idle time ends: a new object each time that it becomes idle; null while it is in use. */
        @Nullable
        Deadline idleUntil();

        /** Whether bytes from its client wait to be read. */
        boolean hasArrived();

        /**
         * Ends it in favour of a newcomer.
         *
         * @param idleUntil the end of its idle time; out of date if it was used meanwhile
         * @return false if it is in use, or about to be
         */
        boolean evict(Deadline idleUntil);
    }

    /** The weak reference frees the memory of an ended holder before the next newcomer comes. */
    private record Idle(WeakReference<Holder> holder, Deadline until) implements Comparable<Idle> {
        boolean isStill() {
            Holder still = holder.get();
            return still != null && still.idleUntil() == until;
        }

        @Override
        public int compareTo(Idle other) {
            return until.compareTo(other.until);
        }
    }

    private final Semaphore free;
    /** The rest of the idle timeout after a moment. */
    private final Duration leftAfterMoment;

    private final Duration moment;
    private final LongSupplier clock;
    /** The thread that removes a holder may give away its place. */
    private final Set<Holder> holders = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by lock.
    private final Queue<Idle> idle = new PriorityQueue<>();
    /** Each belongs to one newcomer, and no other waits for it. */
    private final Set<Deadline> claimed = new HashSet<>();

    private Deadline nextLook;
    private Deadline lastLook;
    private boolean nobodyWasIdle;

    /**
     * Places for {@code most} holders.
     *
     * @param idleTimeout how long each may be idle
     */
    Places(int most, Duration idleTimeout) {
        this(most, idleTimeout, MOMENT, System::nanoTime);
    }

    /** @param clock monotonic, in nanoseconds; also of the holders' deadlines */
    Places(int most, Duration idleTimeout, Duration moment, LongSupplier clock) {
        this.free = new Semaphore(most);
        this.moment = moment;
        this.leftAfterMoment = idleTimeout.minus(moment);
        this.clock = clock;
        this.nextLook = Deadline.after(Duration.ZERO, clock);
        this.lastLook = nextLook;
    }

    boolean takeFree(Holder newcomer) {
        return free.tryAcquire() && holders.add(newcomer);
    }

    /**
     * Gives a newcomer a place. If none is free, waits for the newcomer's request, then for a holder that has been idle
     * long enough: for {@link #MOMENT} each, at most.
     *
     * @return whether the newcomer has a place
     * @throws InterruptedException if the newcomer's thread was interrupted in a wait
     */
    boolean take(Holder newcomer) throws InterruptedException {
        return takeFree(newcomer) || ((awaitRequest(newcomer) || makeRoom()) && holders.add(newcomer));
    }

    /** Frees the place of a holder that has ended, unless a newcomer has got it. */
    void leave(Holder holder) {
        if (holders.remove(holder)) {
            free.release();
        }
    }

    int taken() {
        return holders.size();
    }

    /** Waits for a newcomer's request; true if the newcomer got a free place before. */
    private boolean awaitRequest(Holder newcomer) throws InterruptedException {
        Deadline patience = Deadline.after(moment, clock);
        // The request is nearly always there, or about to arrive.
        Duration pause = Duration.ofMillis(1);
        while (!newcomer.hasArrived() && !patience.hasPassed()) {
            if (acquireBefore(patience.capped(pause))) {
                return true;
            }
            pause = pause.multipliedBy(2);
        }
        return false;
    }

    private boolean makeRoom() throws InterruptedException {
        // A holder that has just answered may not be idle yet.
        Deadline settled = Deadline.after(BETWEEN_LOOKS, clock);
        Deadline patience = Deadline.after(moment, clock);
        while (true) {
            Idle longest = claim();
            if (longest == null) {
                if (patience.hasPassed() || nobodyWasIdleSince(settled)) {
                    return free.tryAcquire();
                }
                // Other newcomers were faster. The next look finds holders that became idle since.
                if (acquireBefore(nextLook())) {
                    return true;
                }
                continue;
            }
            Deadline longEnough = longest.until().minus(leftAfterMoment);
            if (longEnough.compareTo(patience) > 0) {
                giveBack(longest);
                return free.tryAcquire();
            }
            if (acquireBefore(longEnough, longest) || evict(longest)) {
                return true;
            }
        }
    }

    /** Waits for a free place; with one, the claimed holder keeps its own. */
    private boolean acquireBefore(Deadline deadline, Idle unneeded) throws InterruptedException {
        boolean needed = false;
        try {
            needed = !acquireBefore(deadline);
            return !needed;
        } finally {
            if (!needed) {
                giveBack(unneeded);
            }
        }
    }

    private boolean acquireBefore(Deadline deadline) throws InterruptedException {
        return free.tryAcquire(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends a holder; true if the caller gets a place. */
    private boolean evict(Idle longest) {
        Holder holder = longest.holder().get();
        boolean evicted = holder != null && holder.evict(longest.until());
        lock.lock();
        try {
            claimed.remove(longest.until());
        } finally {
            lock.unlock();
        }
        // A holder that is no longer here has ended by itself, and its place is free.
        return evicted && (holders.remove(holder) || free.tryAcquire());
    }

    /** The unclaimed holder that has been idle longest; null if there is none. */
    private @Nullable Idle claim() {
        lock.lock();
        try {
            Idle longest = poll();
            if (longest == null && nextLook.hasPassed()) {
                look();
                longest = poll();
            }
            if (longest != null) {
                claimed.add(longest.until());
            }
            return longest;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Idle poll() {
        Idle next = idle.poll();
        while (next != null && !next.isStill()) {
            next = idle.poll();
        }
        return next;
    }

    private void look() {
        lastLook = Deadline.after(Duration.ZERO, clock);
        Queue<Idle> longest = new PriorityQueue<>(Comparator.reverseOrder());
        for (Holder holder : holders) {
            Deadline until = holder.idleUntil();
            if (until != null && !claimed.contains(until)) {
                longest.add(new Idle(new WeakReference<>(holder), until));
                if (longest.size() > QUEUE) {
                    longest.remove();
                }
            }
        }
        idle.addAll(longest);
        nobodyWasIdle = longest.isEmpty();
        nextLook = Deadline.after(BETWEEN_LOOKS, clock);
    }

    private boolean nobodyWasIdleSince(Deadline moment) {
        lock.lock();
        try {
            return nobodyWasIdle && lastLook.compareTo(moment) >= 0;
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Idle longest) {
        lock.lock();
        try {
            claimed.remove(longest.until());
            idle.add(longest);
        } finally {
            lock.unlock();
        }
    }

    private Deadline nextLook() {
        lock.lock();
        try {
            return nextLook;
        } finally {
            lock.unlock();
        }
    }
}
