package dev.muster.http;

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
 * The requests that somebody will want to look at: the last that failed, the last that were partial, and the slowest of
 * those that were complete, so many and no more. Only requests that had a deadline are kept.
 *
 * <p>Safe for use by any thread. A request that is not kept costs a comparison.
 */
public final class RequestHistory {
    /** The slowest are those of this window and of the one before: the start of the process is not slow for ever. */
    private static final Duration WINDOW = Duration.ofMinutes(10);

    private static final Comparator<RecordedRequest> BY_DURATION =
            Comparator.comparingDouble(RecordedRequest::durationMs);

    private final int failedBound;
    private final int partialBound;
    private final int slowestBound;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** What a complete request must have taken to be among the slowest of this window. Written under the lock. */
    private volatile long slowNanos = -1;
    /** Written under the lock. */
    private volatile long windowEndNanos;

    // All below are guarded by lock.
    private final Deque<RecordedRequest> failed = new ArrayDeque<>();
    private final Deque<RecordedRequest> partial = new ArrayDeque<>();
    private PriorityQueue<RecordedRequest> slowest = new PriorityQueue<>(BY_DURATION);
    private List<RecordedRequest> slowestBefore = List.of();

    /** A history of at most {@code bound} requests: two fifths failed, and of the rest half partial, half slow. */
    public RequestHistory(int bound) {
        this(bound, System::nanoTime);
    }

    RequestHistory(int bound, LongSupplier clock) {
        this.failedBound = bound * 2 / 5;
        this.partialBound = (bound - failedBound) / 2;
        this.slowestBound = bound - failedBound - partialBound;
        this.clock = clock;
        this.windowEndNanos = clock.getAsLong() + WINDOW.toNanos();
    }

    void add(Exchange exchange, int status) {
        switch (exchange.outcome()) {
            case "complete" -> addComplete(exchange.elapsedNanos(), () -> RecordedRequest.of(exchange, status));
            case "partial" -> addLast(partial, partialBound, RecordedRequest.of(exchange, status));
            default -> addLast(failed, failedBound, RecordedRequest.of(exchange, status));
        }
    }

    /** Adds a complete request that took {@code nanos}, if that is slow; only then it is recorded. */
    void addComplete(long nanos, Supplier<RecordedRequest> record) {
        if (isSlow(nanos)) {
            addSlow(record.get());
        }
    }

    private void addLast(Deque<RecordedRequest> last, int bound, RecordedRequest request) {
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

    private void addSlow(RecordedRequest request) {
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

    /** What is kept now. */
    public Kept kept() {
        lock.lock();
        try {
            List<RecordedRequest> slow = Stream.concat(slowest.stream(), slowestBefore.stream())
                    .sorted(BY_DURATION.reversed())
                    .limit(slowestBound)
                    .toList();
            return new Kept(List.copyOf(failed), List.copyOf(partial), slow);
        } finally {
            lock.unlock();
        }
    }

    /** What is kept, the newest first, and the slowest first. */
    public record Kept(List<RecordedRequest> failed, List<RecordedRequest> partial, List<RecordedRequest> slowest) {}
}
