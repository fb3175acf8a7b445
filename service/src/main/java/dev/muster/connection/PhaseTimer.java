package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a connection waits for, and until when: said by its own thread, checked by the guard's. */
final class PhaseTimer {
    /** What a connection waits for. */
    enum Phase {
        /** A request: nothing of one has arrived. */
        IDLE,
        /** Nothing, for a while, as what it sent last was refused for load. */
        PAUSING,
        /** The rest of a head. */
        HEAD,
        /** The body, or the rest of it. */
        BODY,
        /** The answer, which is in the making. */
        SERVING,
        /** The client, to take what is written. */
        WRITING,
        /** The client, to read its last answer and close. */
        LINGERING
    }

    private final ReentrantLock lock = new ReentrantLock();

    /** Written by the connection's own thread under the lock, so that it may read it without. */
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
     * Begins a phase that may take as long as {@code limit}, or for ever where that is null.
     *
     * @throws CloseConnectionException if the timer was stopped: the connection is over
     */
    void enter(Phase next, @Nullable Duration limit) {
        set(next, limit == null ? null : Deadline.after(limit));
    }

    /** Runs {@code action} as a phase of its own, within the present one, whose time goes on. */
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
     * Has {@code action} deal with the present phase if it had taken too long by {@code now}. The phase does not change
     * meanwhile.
     *
     * @param action true where it has dealt with the phase, and is not to do so again
     */
    void check(Deadline now, Predicate<Phase> action) {
        Deadline seen = due;
        if (seen != null && seen.compareTo(now) <= 0) {
            cutShort(seen, action);
        }
    }

    /** The same as {@link #check}, for one of {@code phases} before it has taken too long. */
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
     * The same for the one phase that {@code until} is the end of.
     *
     * @return whether the phase is still that, and was dealt with
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

    /** By when a request must begin, which is another object for each time that the connection is idle; null where it is not. */
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
