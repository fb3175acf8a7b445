package dev.muster.bulk;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the memory of all batches together: request bodies while they are read, and results not yet written.
 *
 * <p>A batch may grow while it holds fewer bytes than are free. So one batch alone gets half, two get a third each, and
 * any number of stuck batches leave room for one more. These are the dynamic thresholds of packet switches (Choudhury
 * and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", IEEE/ACM Transactions on Networking
 * 6(2), 1998). The results of running items are taken even above the threshold, so the workers can exceed the total by
 * what they fetch at once.
 *
 * <p>Thread-safe.
 */
public final class ByteBudget {
    private final long total;
    private final AtomicLong used = new AtomicLong();

    public ByteBudget(long total) {
        this.total = total;
    }

    public long used() {
        return used.get();
    }

    private long free() {
        return total - used.get();
    }

    Share open() {
        return new Share();
    }

    /** The memory of one batch. */
    final class Share implements AutoCloseable {
        private final AtomicLong held = new AtomicLong();

        /** Whether the batch may take more memory; always true for an empty share. */
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

        /** Releases all; nothing may be taken afterwards. */
        @Override
        public void close() {
            releaseAll();
        }
    }
}
