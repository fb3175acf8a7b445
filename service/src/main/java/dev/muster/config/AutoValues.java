package dev.muster.config;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The values of {@code auto}: limits by the heap, the processors and the open files of this process. */
final class AutoValues {
    /** Of a request and its connection, as measured (docs/performance.md). */
    private static final long BYTES_PER_REQUEST = 128 << 10;

    /** The largest automatic value. */
    private static final long AT_MOST = 10_000;

    private AutoValues() {}

    /** The requests that fit into the heap. */
    static int requestsThatFitTheHeap() {
        return bounded(Runtime.getRuntime().maxMemory() / BYTES_PER_REQUEST);
    }

    /**
     * The connections of clients that fit into the heap, and into the clients' share of the open files: as much as each
     * backend's. At most the requests: a client with a connection is served.
     */
    static int connectionsThatFit() {
        long share = openFiles() / (1 + BackendName.ALL.size());
        return bounded(Math.min(Runtime.getRuntime().maxMemory() / BYTES_PER_REQUEST, share));
    }

    /** A tenth of the processors' time, at 40 µs a rejection. */
    static int refusalsPerSecond() {
        return 2_500 * Runtime.getRuntime().availableProcessors();
    }

    /** An eighth of the heap. */
    static int bytesThatBatchesMayBuffer() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / 8, 64 << 10, Integer.MAX_VALUE);
    }

    /** A sixty-fourth of the heap. */
    static int bytesOfLogThatMayWait() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / 64, 64 << 10, 1 << 30);
    }

    private static int bounded(long number) {
        return (int) Math.clamp(number, 1, AT_MOST);
    }

    /** The limit of open files and sockets; the largest number if the system has none. */
    static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }
}
