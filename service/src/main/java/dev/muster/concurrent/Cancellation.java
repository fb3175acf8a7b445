package dev.muster.concurrent;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The only way to end a request's calls early: any thread may cancel, and the first cause counts.
 *
 * <p>It is armed during a {@link FanOut}, and never while an answer is written. While armed, cancelling interrupts the
 * owner, who then ends its branches. Listeners are told in any case. Each fan-out has its own, used once. Work of several
 * fan-outs has one more, which cancels theirs. Safe for use by any thread.
 */
public final class Cancellation {
    public enum Cause {
        /** Another call of the same request failed, and its failure is the answer. */
        SIBLING_FAILED,
        /** The request's deadline passed. */
        DEADLINE,
        /** The client has gone. */
        CLIENT_GONE,
        /** The process ends. */
        SHUTDOWN;

        private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** Its name in logs, metrics and answers. */
        public String word() {
            return word;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    /** Written under the lock, once. */
    private volatile @Nullable Cause cause;
    /** Guarded by the lock, like the fields below. */
    private @Nullable Thread owner;

    private @Nullable Set<Listener> listeners;
    private boolean over;

    /** An action for a cancellation. Closing removes it; it may still run during that. */
    public final class Listener implements AutoCloseable {
        private final Consumer<Cause> action;

        private Listener(Consumer<Cause> action) {
            this.action = action;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (listeners != null) {
                    listeners.remove(this);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Cancels, and interrupts the owner if armed. False after an earlier cause, or after {@link #disarm}. */
    public boolean cancel(Cause why) {
        List<Listener> toTell;
        lock.lock();
        try {
            if (!settle(why)) {
                return false;
            }
            if (owner != null) {
                owner.interrupt();
            }
            toTell = listeners == null ? List.of() : List.copyOf(listeners);
        } finally {
            lock.unlock();
        }
        toTell.forEach(listener -> listener.action.accept(why));
        return true;
    }

    /**
     * Lets the thread that cancels run {@code action} once, with the cause, after it has interrupted the owner. If already
     * cancelled, runs it at once, on the calling thread. Like {@code context.AfterFunc} in Go.
     *
     * @param action short, and not blocking
     */
    public Listener whenCancelled(Consumer<Cause> action) {
        Listener listener = new Listener(action);
        lock.lock();
        try {
            if (cause == null) {
                if (listeners == null) {
                    listeners = new HashSet<>();
                }
                listeners.add(listener);
                return listener;
            }
        } finally {
            lock.unlock();
        }
        action.accept(cause);
        return listener;
    }

    /** The first cause; null if not cancelled. */
    public @Nullable Cause cause() {
        return cause;
    }

    /** Records that the branches have decided the answer. The owner needs no interrupt for that. */
    void siblingFailed() {
        lock.lock();
        try {
            settle(Cause.SIBLING_FAILED);
        } finally {
            lock.unlock();
        }
    }

    /** Makes the calling thread the owner. Interrupts it at once if already cancelled. */
    void arm() {
        lock.lock();
        try {
            owner = Thread.currentThread();
            if (cause != null) {
                owner.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Releases the owner, on its own thread. From now on it is too late to cancel. No further interrupt comes, and an
     * earlier one is cleared.
     */
    void disarm() {
        lock.lock();
        try {
            owner = null;
            over = true;
        } finally {
            lock.unlock();
        }
        if (cause != null) {
            Thread.interrupted();
        }
    }

    private boolean settle(Cause why) {
        if (over || cause != null) {
            return false;
        }
        cause = why;
        return true;
    }
}
