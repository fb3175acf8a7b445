package dev.muster.logging;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A queue of log lines, limited in bytes: any thread adds lines, and the writer's thread takes them.
 *
 * <p>Lock-free: a thread that loses its processor delays no other. The lines since the last take are a linked list, the
 * newest first. So one compare-and-set adds a line and decides three things: is there room, is the line the first, are
 * there many bytes. The JDK's queues count elements, and do not tell which element made them non-empty.
 *
 * <p>A link's {@code end} counts all bytes ever accepted, {@link #done} all bytes written or given up. The difference
 * is the waiting bytes, including lines that the writer has taken.
 */
final class LogQueue {
    /** One line, linked to the lines before it, back to the last take. */
    private static final class Link {
        private final byte[] line;
        // Not written after the link is published.
        private @Nullable Link before;
        private long begin;
        private long end;

        Link(byte[] line) {
            this.line = line;
        }

        /** Marks that the writer has taken everything up to {@code end}. */
        static Link mark(long end) {
            Link mark = new Link(new byte[0]);
            mark.begin = end;
            mark.end = end;
            return mark;
        }

        void putBehind(Link previous) {
            before = previous;
            begin = previous.begin;
            end = previous.end + line.length;
        }

        boolean isMark() {
            return before == null;
        }

        /** Bytes since the last take. */
        long bytes() {
            return end - begin;
        }
    }

    private final int maxBytes;
    private final int manyBytes;
    private final LongSupplier clock;
    private final AtomicReference<Link> last = new AtomicReference<>(Link.mark(0));
    private final LongAdder dropped = new LongAdder();

    /** Written by the writer alone. */
    private final AtomicLong done = new AtomicLong();

    /** The last progress. Written by the writer, and by a thread that adds a line while none waits. */
    private volatile long movedNanos;
    /** Whether the writer sleeps until woken. Otherwise it looks again by itself. Written by the writer alone. */
    private volatile boolean sleeping;

    /**
     * @param maxBytes the most bytes that may wait; a line without room is dropped
     * @param manyBytes enough bytes to wake the writer before its pause is over
     * @param clock monotonic nanoseconds
     */
    LogQueue(int maxBytes, int manyBytes, LongSupplier clock) {
        this.maxBytes = maxBytes;
        this.manyBytes = manyBytes;
        this.clock = clock;
        this.movedNanos = clock.getAsLong();
    }

    /**
     * Adds a line, or drops it if there is no room. Never blocks.
     *
     * @return whether the caller must wake the writer
     */
    boolean offer(byte[] line) {
        Link link = new Link(line);
        Link previous = last.get();
        while (true) {
            link.putBehind(previous);
            long doneBefore = done.get();
            if (link.end - doneBefore > maxBytes) {
                dropped.increment();
                return false;
            }
            if (previous.end == doneBefore) {
                // The writer had nothing to write until now, so it is not stuck.
                movedNanos = clock.getAsLong();
            }
            Link found = last.compareAndExchange(previous, link);
            if (found == previous) {
                break;
            }
            previous = found;
        }
        // Both are volatile. Here: link, then read sleeping. sleeps(): set it, then look for links. One sees the other.
        boolean isFirst = previous.isMark() && sleeping;
        boolean makesMany = previous.bytes() < manyBytes && link.bytes() >= manyBytes;
        return isFirst || makesMany;
    }

    /** Takes all lines, the oldest first. For the writer alone, which must call {@link #done} for their bytes. */
    Deque<byte[]> take() {
        Link newest = last.get();
        while (true) {
            Link found = last.compareAndExchange(newest, Link.mark(newest.end));
            if (found == newest) {
                break;
            }
            newest = found;
        }
        Deque<byte[]> lines = new ArrayDeque<>();
        for (Link link = newest; link != null && !link.isMark(); link = link.before) {
            lines.addFirst(link.line);
        }
        return lines;
    }

    /** The writer has written or given up {@code bytes} of the taken lines. */
    void done(long bytes) {
        moved();
        done.addAndGet(bytes);
    }

    void moved() {
        movedNanos = clock.getAsLong();
    }

    /**
     * The writer is about to sleep until woken.
     *
     * @return false if there are lines, and it must not sleep
     */
    boolean sleeps() {
        sleeping = true;
        return isEmpty();
    }

    /** The writer is awake, and looks for new lines by itself. */
    void wakes() {
        sleeping = false;
    }

    /** Whether there is nothing to take; lines already taken may be unwritten. */
    boolean isEmpty() {
        return last.get().isMark();
    }

    /** Whether enough bytes came since the last take to end the writer's pause. */
    boolean hasMany() {
        return last.get().bytes() >= manyBytes;
    }

    /** The number of lines dropped for lack of room. */
    long dropped() {
        return dropped.sum();
    }

    /** Nanoseconds that lines have waited without progress; 0 if none wait. */
    long stillNanos() {
        // In this order: a thread that sees a line also sees the time set for it.
        long end = last.get().end;
        return end == done.get() ? 0 : Math.max(0, clock.getAsLong() - movedNanos);
    }
}
