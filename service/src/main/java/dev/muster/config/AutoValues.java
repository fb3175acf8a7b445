package dev.muster.config;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What the process may use of the machine, and what fits into that. */
final class AutoValues {
    /** For a request with its connection; docs/performance.md has what was measured. */
    private static final long BYTES_PER_REQUEST = 128 << 10;

    /** The most that is chosen without being told. */
    private static final long AT_MOST = 10_000;

    private AutoValues() {}

    /** How many requests fit into the heap at once. */
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

    /** Where one costs 40 µs, a tenth of the processors. */
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

    /** How many files and sockets the process may have open; as good as unlimited where the system does not say. */
    static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }
}
