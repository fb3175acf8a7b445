package dev.muster.concurrent;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A hashed timing wheel (Varghese and Lauck, 1987): holds deadlines by tick. Inserts and removes in O(1), and does not
 * retain a removed entry.
 *
 * <p>Not thread-safe; {@link DeadlineTicker} guards it with its lock. Ticks only grow.
 */
final class TimingWheel {
    /** A power of two. An entry further away than this many ticks stays in its slot for another round. */
    private static final int SLOTS = 4096;

    /** {@link #nextOccupied()} of an empty wheel. */
    static final long NEVER = Long.MAX_VALUE;

    private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];
    private final BitSet occupied = new BitSet(SLOTS);
    private long lastTick;

    /** A pending deadline, linked to the others of its slot. */
    static final class Entry {
        private final Runnable action;
        private long tick;
        private boolean linked;
        private @Nullable Entry next;
        private @Nullable Entry previous;
        /** Volatile, as the ticker's thread reads it without the lock: an action may cancel an entry already due. */
        private volatile boolean cancelled;

        Entry(Runnable action) {
            this.action = action;
        }

        void cancel() {
            cancelled = true;
        }

        void runUnlessCancelled() {
            if (!cancelled) {
                action.run();
            }
        }
    }

    /** Inserts {@code entry} at {@code tick}, or at the next tick if that has passed. Returns the tick used. */
    long insert(Entry entry, long tick) {
        entry.tick = Math.max(tick, lastTick + 1);
        int slot = slot(entry.tick);
        Entry head = slots[slot];
        entry.next = head;
        if (head != null) {
            head.previous = entry;
        }
        slots[slot] = entry;
        occupied.set(slot);
        entry.linked = true;
        return entry.tick;
    }

    void remove(Entry entry) {
        if (!entry.linked) {
            return;
        }
        Entry next = entry.next;
        Entry previous = entry.previous;
        if (next != null) {
            next.previous = previous;
        }
        if (previous != null) {
            previous.next = next;
        } else {
            int slot = slot(entry.tick);
            slots[slot] = next;
            occupied.set(slot, next != null);
        }
        entry.next = null;
        entry.previous = null;
        entry.linked = false;
    }

    /** Removes and returns all entries whose tick is {@code now} or before. */
    List<Entry> takeDue(long now) {
        List<Entry> due = new ArrayList<>();
        for (long tick = Math.max(lastTick + 1, now - SLOTS + 1); tick <= now; tick++) {
            Entry entry = slots[slot(tick)];
            while (entry != null) {
                Entry next = entry.next;
                if (entry.tick <= now) {
                    remove(entry);
                    due.add(entry);
                }
                entry = next;
            }
        }
        lastTick = Math.max(lastTick, now);
        return due;
    }

    /** The next tick whose slot holds an entry, perhaps of a later round; {@link #NEVER} if all are empty. */
    long nextOccupied() {
        int from = slot(lastTick + 1);
        int found = occupied.nextSetBit(from);
        if (found < 0) {
            found = occupied.nextSetBit(0);
        }
        return found < 0 ? NEVER : lastTick + 1 + ((found - from) & (SLOTS - 1));
    }

    int size() {
        int size = 0;
        for (int slot = occupied.nextSetBit(0); slot >= 0; slot = occupied.nextSetBit(slot + 1)) {
            for (Entry entry = slots[slot]; entry != null; entry = entry.next) {
                size++;
            }
        }
        return size;
    }

    private static int slot(long tick) {
        return (int) (tick & (SLOTS - 1));
    }
}
