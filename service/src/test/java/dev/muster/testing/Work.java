package dev.muster.testing;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * How work grows, measured without a clock. The measure is this thread's processor time, to which no other thread adds.
 * The least of many rounds counts, without the cost of compilers and cold caches.
 */
public final class Work {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Long enough for the clock's resolution. */
    private static final long MEASURABLE_NANOS = 100_000;

    private static final int FEWEST_ROUNDS = 5;
    private static final long ENOUGH_NANOS = 2_000_000_000L;

    private Work() {}

    /**
     * The cost of {@code larger} divided by that of {@code smaller}. The measurement ends once the result is below
     * {@code bound}, or after enough time for a result above it to be true.
     */
    public static double ratio(Runnable smaller, Runnable larger, double bound) {
        int times = times(smaller);
        long end = cpuNanos() + ENOUGH_NANOS;
        long least = Long.MAX_VALUE;
        long leastOfLarger = Long.MAX_VALUE;
        int round = 0;
        do {
            least = Math.min(least, nanos(smaller, times));
            leastOfLarger = Math.min(leastOfLarger, nanos(larger, times));
            round++;
        } while (round < FEWEST_ROUNDS || (leastOfLarger >= bound * least && cpuNanos() < end));
        return (double) leastOfLarger / least;
    }

    private static int times(Runnable work) {
        int times = 1;
        while (nanos(work, times) < MEASURABLE_NANOS) {
            times *= 2;
        }
        return times;
    }

    private static long nanos(Runnable work, int times) {
        long begin = cpuNanos();
        for (int i = 0; i < times; i++) {
            work.run();
        }
        return cpuNanos() - begin;
    }

    private static long cpuNanos() {
        return THREADS.getCurrentThreadCpuTime();
    }
}
