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
 * The places for connections at one listener. Where all are taken, a newcomer gets that of the holder which has been idle
 * longest; only where none is idle there is none for it.
 *
 * <p>Becoming idle is part of every request, so it costs nothing: who is idle is found out when a newcomer needs a place, by
 * one look at all holders, which serves the newcomers behind it as well. Those that had been idle longest by then are in the
 * queue, in order, and whoever is not has been idle for a shorter time than any of them. So the order is exact, and the next
 * look is due when the queue is empty.
 *
 * <p>Thread-safe.
 */
final class Places {
    /**
     * Who has been idle for less is waited for, be it a holder or a newcomer: a client that asks again as soon as it has its
     * answer is idle for a round trip, and one that has just connected for as long as its request is on its way. So a flood
     * of newcomers that say nothing closes no connection which is in use, and none before its first request; and it keeps
     * nobody out who has one, as those that were let in after this time in vain are the next to go.
     */
    static final Duration MOMENT = Duration.ofMillis(250);

    /** A flood of newcomers to a house where all are busy would be nothing but looks. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    /** As many as there can be newcomers at once. */
    private static final int QUEUE = ConnectionGuard.REFUSED_AT_ONCE;

    /** A connection that has a place. */
    interface Holder {
        /** By when it must be in use, one object for each time that it is idle; null where it is in use. */
        @Nullable
        Deadline idleUntil();

        /** Whether there are bytes from its client that wait to be read. */
        boolean hasArrived();

        /**
         * Ends it in favour of another.
         *
         * @param idleUntil what it is idle until, which no longer is so where it was used meanwhile
         * @return false if it is in use, or about to be
         */
        boolean evict(Deadline idleUntil);
    }

    /** Refers to its holder weakly: what one that has ended held in memory is not kept until a newcomer comes. */
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
    /** What is left until its end for who has been idle for a moment. */
    private final Duration leftAfterMoment;

    private final Duration moment;
    private final LongSupplier clock;
    /** Whoever takes a holder out of it has its place to give. */
    private final Set<Holder> holders = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by lock.
    private final Queue<Idle> idle = new PriorityQueue<>();
    /** Each is what a newcomer waits for, so no other does. */
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

    /** @param clock monotonic, in nanoseconds; what holders are idle until is of the same */
    Places(int most, Duration idleTimeout, Duration moment, LongSupplier clock) {
        this.free = new Semaphore(most);
        this.moment = moment;
        this.leftAfterMoment = idleTimeout.minus(moment);
        this.clock = clock;
        this.nextLook = Deadline.after(Duration.ZERO, clock);
        this.lastLook = nextLook;
    }

    /** Gives a newcomer a place if one is free. */
    boolean takeFree(Holder newcomer) {
        return free.tryAcquire() && holders.add(newcomer);
    }

    /**
     * Gives a newcomer a place. Where none is free it is waited for the newcomer's request, and then for somebody to have
     * been idle for long enough, for no more than {@link #MOMENT} each.
     *
     * @return whether it has one
     * @throws InterruptedException if the newcomer's thread was interrupted as it waited
     */
    boolean take(Holder newcomer) throws InterruptedException {
        return takeFree(newcomer) || ((awaitRequest(newcomer) || makeRoom()) && holders.add(newcomer));
    }

    /** Gives back the place of a holder that has ended, unless somebody else has got it. */
    void leave(Holder holder) {
        if (holders.remove(holder)) {
            free.release();
        }
    }

    /** How many places are taken. */
    int taken() {
        return holders.size();
    }

    /** Waits until there is something to serve a newcomer for; true if a place has become free before. */
    private boolean awaitRequest(Holder newcomer) throws InterruptedException {
        Deadline patience = Deadline.after(moment, clock);
        // Nearly always it is there, or about to be.
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
        // Whoever has just answered may not have come to be idle yet.
        Deadline settled = Deadline.after(BETWEEN_LOOKS, clock);
        Deadline patience = Deadline.after(moment, clock);
        while (true) {
            Idle longest = claim();
            if (longest == null) {
                if (patience.hasPassed() || nobodyWasIdleSince(settled)) {
                    return free.tryAcquire();
                }
                // Others were faster; whoever has become idle since the last look is found by the next.
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

    /** Waits for a free place, in which case whoever was claimed keeps its own. */
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

    /** Ends a holder; true if that has made its place the caller's. */
    private boolean evict(Idle longest) {
        Holder holder = longest.holder().get();
        boolean evicted = holder != null && holder.evict(longest.until());
        lock.lock();
        try {
            claimed.remove(longest.until());
        } finally {
            lock.unlock();
        }
        // Else it has ended by itself, and its place is free.
        return evicted && (holders.remove(holder) || free.tryAcquire());
    }

    /** The one that has been idle longest, of those whom nobody has claimed; null where there is none. */
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
