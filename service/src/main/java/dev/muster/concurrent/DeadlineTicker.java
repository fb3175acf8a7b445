package dev.muster.concurrent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * One thread that acts on every deadline of the process.
 *
 * <p>Nearly every deadline is cancelled long before it passes, so scheduling and cancelling are what must be cheap, and
 * the thread sleeps until the next occupied slot of its {@link TimingWheel}, not from tick to tick. A timed park in
 * every request would do the same at several times the CPU. An entry fires at most one tick of 1 ms late, never early.
 *
 * <p>Safe for use by any thread. Actions run on the ticker's thread and must not block; one that throws is logged.
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

    /** A ticker on a clock of the caller's, whose thread is not started: {@link #runDue()} does its work. */
    DeadlineTicker(LongSupplier clock) {
        this.clock = clock;
        this.originNanos = clock.getAsLong();
        this.thread = Thread.ofPlatform().name("deadline-ticker").daemon().unstarted(this::run);
    }

    /** A deadline that waits. Closing it cancels it; an action that has begun by then still runs to its end. */
    public interface Scheduled extends AutoCloseable {
        @Override
        void close();
    }

    /** Runs {@code action} once {@code deadline} has passed, unless what is returned is closed before. */
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

    /** Waits for the next occupied slot to come due; false once closed. */
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
            LOG.log(Level.ERROR, "the deadline ticker was interrupted; nobody may do that", e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Fires whatever is due by the clock. */
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

    /** How many deadlines wait. */
    int size() {
        lock.lock();
        try {
            return wheel.size();
        } finally {
            lock.unlock();
        }
    }

    /** Stops the thread and waits for it; what is not yet due never fires. */
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
