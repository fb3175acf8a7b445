package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The phase of a connection and its deadline: set by the connection's own thread, checked by the guard's. */
final class PhaseTimer {
    /** What a connection waits for. */
    enum Phase {
        /** A request: none of its bytes have arrived. */
        IDLE,
        /** The end of a pause, as its last request was rejected for load. */
        PAUSING,
        /** The rest of a head. */
        HEAD,
        /** The body, or the rest of it. */
        BODY,
        /** The service, to make the answer. */
        SERVING,
        /** The client, to take the answer. */
        WRITING,
        /** The client, to read its last answer and close. */
        LINGERING
    }

    private final ReentrantLock lock = new ReentrantLock();

    /** Written by the connection's own thread under the lock, so this thread may read it without the lock. */
    private Phase phase = Phase.IDLE;

    /** Written under the lock. */
    private volatile @Nullable Deadline due;

    /** Guarded by the lock. */
    private boolean stopped;

    /** A timer of a connection on which a request must begin within {@code idle}. */
    PhaseTimer(Duration idle) {
        due = Deadline.after(idle);
    }

    /** The present phase; for the connection's own thread. */
    Phase phase() {
        return phase;
    }

    /**
     * Begins a phase that may take {@code limit}, or forever if it is null.
     *
     * @throws CloseConnectionException if the timer was stopped: the connection is over
     */
    void enter(Phase next, @Nullable Duration limit) {
        set(next, limit == null ? null : Deadline.after(limit));
    }

    /** Runs {@code action} as a phase within the present one, which keeps its deadline. */
    void during(Phase inner, Duration limit, Runnable action) {
        Phase outer = phase;
        Deadline outerDue = due;
        enter(inner, limit);
        action.run();
        set(outer, outerDue);
    }

    private void set(Phase next, @Nullable Deadline nextDue) {
        lock.lock();
        try {
            if (stopped) {
                throw new CloseConnectionException("the connection took too long");
            }
            phase = next;
            due = nextDue;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs {@code action} if the present phase had taken too long by {@code now}. The phase does not change meanwhile.
     *
     * @param action true if it has handled the phase, and must not run for it again
     */
    void check(Deadline now, Predicate<Phase> action) {
        Deadline seen = due;
        if (seen != null && seen.compareTo(now) <= 0) {
            cutShort(seen, action);
        }
    }

    /** Like {@link #check}, for one of {@code phases} before it has taken too long. */
    void cutShort(Set<Phase> phases, Predicate<Phase> action) {
        lock.lock();
        try {
            if (due != null && phases.contains(phase) && action.test(phase)) {
                due = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Like {@link #check}, for the phase that ends at {@code until}.
     *
     * @return whether this phase is still present, and was handled
     */
    boolean cutShort(Deadline until, Predicate<Phase> action) {
        lock.lock();
        try {
            if (due == until && action.test(phase)) {
                due = null;
                return true;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** When a request must begin: a new object each time that the connection becomes idle; null while it is not. */
    @Nullable
    Deadline idleUntil() {
        lock.lock();
        try {
            return phase == Phase.IDLE ? due : null;
        } finally {
            lock.unlock();
        }
    }

    /** Allows no further phase; called by the action of {@link #check} or {@link #cutShort}. */
    void stop() {
        stopped = true;
    }
}
