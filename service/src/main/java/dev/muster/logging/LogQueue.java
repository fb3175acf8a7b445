package dev.muster.logging;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lines on their way to the log: any number of threads hand them over, one takes them, and no more bytes wait than may.
 *
 * <p>Lock-free: a thread that is not given a processor holds nobody up. The lines since the last take are a list of
 * links, the newest first, so that one compare-and-set puts a line in its place and settles whether there is room for
 * it, whether it is the first, and whether much has come. It is ours because the JDK's queues count elements, and tell
 * nobody which element made them non-empty.
 *
 * <p>A link's {@code end} counts all bytes that were ever accepted, {@link #done} all that the writer is done with. The
 * difference is what waits, what the writer has in its hands included.
 */
final class LogQueue {
    /** One line, and through {@code before} all that came before it, back to where the writer last took. */
    private static final class Link {
        private final byte[] line;
        // Written before the link is published, and not after.
        private @Nullable Link before;
        private long begin;
        private long end;

        Link(byte[] line) {
            this.line = line;
        }

        /** Where the writer has taken everything up to {@code end}. */
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

        /** Bytes since the writer last took. */
        long bytes() {
            return end - begin;
        }
    }

    private final int maxBytes;
    private final int manyBytes;
    private final LongSupplier clock;
    private final AtomicReference<Link> last = new AtomicReference<>(Link.mark(0));
    private final LongAdder refused = new LongAdder();

    /** Written by the writer alone. */
    private final AtomicLong done = new AtomicLong();

    /** Written by the writer as it gets on, and by whoever hands over a line while there is none. */
    private volatile long movedNanos;
    /** Written by the writer alone: whether it sleeps until it is woken, or looks again by itself. */
    private volatile boolean sleeping;

    /**
     * An empty queue.
     *
     * @param maxBytes may wait; a line that would make it more is refused
     * @param manyBytes are worth waking the writer for before its pause is over
     * @param clock monotonic nanoseconds
     */
    LogQueue(int maxBytes, int manyBytes, LongSupplier clock) {
        this.maxBytes = maxBytes;
        this.manyBytes = manyBytes;
        this.clock = clock;
        this.movedNanos = clock.getAsLong();
    }

    /**
     * Hands a line over, or drops it if there is no room. Never blocks.
     *
     * @return whether the writer must be woken for it
     */
    boolean offer(byte[] line) {
        Link link = new Link(line);
        Link previous = last.get();
        while (true) {
            link.putBehind(previous);
            long doneBefore = done.get();
            if (link.end - doneBefore > maxBytes) {
                refused.increment();
                return false;
            }
            if (previous.end == doneBefore) {
                // It has had nothing to write until now, so that it does not stand still.
                movedNanos = clock.getAsLong();
            }
            Link found = last.compareAndExchange(previous, link);
            if (found == previous) {
                break;
            }
            previous = found;
        }
        // Volatile both, link first and then look here, and the other way round there: one of the two sees the other.
        boolean isFirst = previous.isMark() && sleeping;
        boolean makesMany = previous.bytes() < manyBytes && link.bytes() >= manyBytes;
        return isFirst || makesMany;
    }

    /** Takes all lines, the oldest first. For the writer alone, which says of each when it is {@link #done}. */
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

    /** The writer is done with so many bytes of what it took, well or not. */
    void done(long bytes) {
        moved();
        done.addAndGet(bytes);
    }

    /** The writer has got on. */
    void moved() {
        movedNanos = clock.getAsLong();
    }

    /**
     * The writer is about to sleep until it is woken.
     *
     * @return false if there are lines, so that it must not
     */
    boolean sleeps() {
        sleeping = true;
        return isEmpty();
    }

    /** The writer is awake, and looks by itself for what comes. */
    void wakes() {
        sleeping = false;
    }

    /** Whether there is nothing to take; what was taken may still be written. */
    boolean isEmpty() {
        return last.get().isMark();
    }

    /** Whether so much has come since the last take that the writer's pause is over. */
    boolean hasMany() {
        return last.get().bytes() >= manyBytes;
    }

    /** How many lines there was no room for. */
    long refused() {
        return refused.sum();
    }

    /** For how many nanoseconds there have been lines, and none of them has got on; 0 if there are none. */
    long stillNanos() {
        // In this order: who sees a line here sees that the clock was set for it.
        long end = last.get().end;
        return end == done.get() ? 0 : Math.max(0, clock.getAsLong() - movedNanos);
    }
}
