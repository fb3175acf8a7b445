package dev.muster.monitoring;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The recent requests that are worth a look: the last failed, the last partial, and the slowest complete ones, up to a
 * bound. Thread-safe.
 *
 * <p>Only requests with a deadline are kept. A request that is not kept costs a comparison.
 */
public final class RecentRequests {
    /** The slowest are from this window and the one before, so that a slow start of the process is forgotten. */
    private static final Duration WINDOW = Duration.ofMinutes(10);

    private static final Comparator<RequestTimeline> BY_DURATION =
            Comparator.comparingDouble(RequestTimeline::durationMs);

    private final int failedBound;
    private final int partialBound;
    private final int slowestBound;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** A complete request must take longer to be among the slowest of this window. Written under the lock. */
    private volatile long slowNanos = -1;
    /** Written under the lock. */
    private volatile long windowEndNanos;

    // All below are guarded by lock.
    private final Deque<RequestTimeline> failed = new ArrayDeque<>();
    private final Deque<RequestTimeline> partial = new ArrayDeque<>();
    private PriorityQueue<RequestTimeline> slowest = new PriorityQueue<>(BY_DURATION);
    private List<RequestTimeline> slowestBefore = List.of();

    /** Keeps at most {@code bound} requests: two fifths failed, and of the rest half partial, half slow. */
    public RecentRequests(int bound) {
        this(bound, System::nanoTime);
    }

    RecentRequests(int bound, LongSupplier clock) {
        this.failedBound = bound * 2 / 5;
        this.partialBound = (bound - failedBound) / 2;
        this.slowestBound = bound - failedBound - partialBound;
        this.clock = clock;
        this.windowEndNanos = clock.getAsLong() + WINDOW.toNanos();
    }

    /**
     * Adds a request that has ended. Its timeline is only made if it is kept.
     *
     * @param outcome complete, partial, or the problem's type
     * @param nanos how long it took
     */
    void add(String outcome, long nanos, Supplier<RequestTimeline> timeline) {
        switch (outcome) {
            case "complete" -> {
                if (isSlow(nanos)) {
                    addSlow(timeline.get());
                }
            }
            case "partial" -> addLast(partial, partialBound, timeline.get());
            default -> addLast(failed, failedBound, timeline.get());
        }
    }

    private void addLast(Deque<RequestTimeline> last, int bound, RequestTimeline request) {
        lock.lock();
        try {
            last.addFirst(request);
            if (last.size() > bound) {
                last.removeLast();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isSlow(long nanos) {
        return slowestBound > 0 && (nanos > slowNanos || clock.getAsLong() - windowEndNanos >= 0);
    }

    private void addSlow(RequestTimeline request) {
        lock.lock();
        try {
            if (clock.getAsLong() - windowEndNanos >= 0) {
                slowestBefore = List.copyOf(slowest);
                slowest = new PriorityQueue<>(BY_DURATION);
                slowNanos = -1;
                windowEndNanos = clock.getAsLong() + WINDOW.toNanos();
            }
            slowest.add(request);
            if (slowest.size() > slowestBound) {
                slowest.remove();
            }
            if (slowest.size() == slowestBound) {
                slowNanos = Math.round(slowest.element().durationMs() * 1e6);
            }
        } finally {
            lock.unlock();
        }
    }

    public Kept kept() {
        lock.lock();
        try {
            List<RequestTimeline> slow = Stream.concat(slowest.stream(), slowestBefore.stream())
                    .sorted(BY_DURATION.reversed())
                    .limit(slowestBound)
                    .toList();
            return new Kept(List.copyOf(failed), List.copyOf(partial), slow);
        } finally {
            lock.unlock();
        }
    }

    /** The failed and the partial with the newest first, the complete with the slowest first. */
    public record Kept(List<RequestTimeline> failed, List<RequestTimeline> partial, List<RequestTimeline> slowest) {}
}
