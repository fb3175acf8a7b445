package dev.muster.concurrent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Runs the actions of all deadlines of the process, on one thread.
 *
 * <p>Nearly every deadline is cancelled long before it passes, so scheduling and cancelling must be cheap. The thread
 * sleeps until the next occupied slot of its {@link TimingWheel}, not from tick to tick. A timed park in every request
 * would take several times the CPU. An entry fires at most one tick of 1 ms late, never early.
 *
 * <p>Safe for use by any thread. Actions run on the ticker's thread and must not block; their exceptions are logged.
 */
public final class DeadlineTicker implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DeadlineTicker.class.getName());
    private static final long TICK_NANOS = Duration.ofMillis(1).toNanos();
    private static final Duration STOP_WAIT = Duration.ofSeconds(1);

    private final LongSupplier clock;
    private final long originNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;

    // All below are guarded by lock.
    private final TimingWheel wheel = new TimingWheel();
    private long wakeTick = TimingWheel.NEVER;
    private boolean closed;

    public DeadlineTicker() {
        this(System::nanoTime);
        thread.start();
    }

    /** A ticker on another clock. Its thread does not start: {@link #runDue()} does the work. */
    DeadlineTicker(LongSupplier clock) {
        this.clock = clock;
        this.originNanos = clock.getAsLong();
        this.thread = Thread.ofPlatform().name("deadline-ticker").daemon().unstarted(this::run);
    }

    /** A pending deadline. Closing it cancels it; an action that has begun still runs to its end. */
    public interface Scheduled extends AutoCloseable {
        @Override
        void close();
    }

    /** Runs {@code action} after {@code deadline}, unless the result is closed before. */
    public Scheduled schedule(Deadline deadline, Runnable action) {
        TimingWheel.Entry entry = new TimingWheel.Entry(action);
        long dueTick = Math.ceilDiv(deadline.atNanos() - originNanos, TICK_NANOS);
        lock.lock();
        try {
            if (wheel.insert(entry, dueTick) < wakeTick) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        return () -> cancel(entry);
    }

    private void cancel(TimingWheel.Entry entry) {
        entry.cancel();
        lock.lock();
        try {
            wheel.remove(entry);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (awaitWork()) {
            runDue();
        }
    }

    /** Waits until the next occupied slot is due; false once closed. */
    private boolean awaitWork() {
        lock.lock();
        try {
            while (!closed) {
                wakeTick = wheel.nextOccupied();
                long waitNanos = wakeTick == TimingWheel.NEVER
                        ? Long.MAX_VALUE
                        : originNanos + wakeTick * TICK_NANOS - clock.getAsLong();
                if (waitNanos <= 0) {
                    return true;
                }
                changed.awaitNanos(waitNanos);
            }
            return false;
        } catch (InterruptedException e) {
            LOG.log(Level.ERROR, "the deadline ticker was interrupted, which must never happen", e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    void runDue() {
        for (TimingWheel.Entry entry : takeDue()) {
            try {
                entry.runUnlessCancelled();
            } catch (Throwable e) {
                LOG.log(Level.ERROR, "a deadline's action failed", e);
            }
        }
    }

    private List<TimingWheel.Entry> takeDue() {
        lock.lock();
        try {
            return wheel.takeDue(Math.floorDiv(clock.getAsLong() - originNanos, TICK_NANOS));
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return wheel.size();
        } finally {
            lock.unlock();
        }
    }

    /** Stops the thread and waits for it. Pending deadlines never fire. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(STOP_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
