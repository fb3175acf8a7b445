package dev.muster.bulk;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes batches may hold in memory, all together: their requests while they are read, and results that are not
 * written yet.
 *
 * <p>A batch may go on to fill memory as long as it holds less than is still free. So one alone can have half, two a
 * third each, and however many do not let go, there is room left for one more that does: dynamic thresholds, as shared
 * buffers of packet switches have them (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet
 * switches", IEEE/ACM Transactions on Networking 6(2), 1998). What is in the making when a threshold is reached is still
 * taken, so the total can be exceeded by as much as the workers bring at once.
 *
 * <p>Safe for use by any thread.
 */
public final class ByteBudget {
    private final long total;
    private final AtomicLong used = new AtomicLong();

    public ByteBudget(long total) {
        this.total = total;
    }

    /** How many bytes are held now. */
    public long used() {
        return used.get();
    }

    private long free() {
        return total - used.get();
    }

    /** A share that holds nothing yet. */
    Share open() {
        return new Share();
    }

    /** What one batch holds. */
    final class Share implements AutoCloseable {
        private final AtomicLong held = new AtomicLong();

        /** Whether the batch may go on to fill memory; always, if it holds nothing. */
        boolean mayGrow() {
            long bytes = held.get();
            return bytes == 0 || bytes < free();
        }

        void take(long bytes) {
            held.addAndGet(bytes);
            used.addAndGet(bytes);
        }

        void release(long bytes) {
            held.addAndGet(-bytes);
            used.addAndGet(-bytes);
        }

        void releaseAll() {
            release(held.get());
        }

        /** Releases whatever is held; nothing may be taken afterwards. */
        @Override
        public void close() {
            releaseAll();
        }
    }
}
