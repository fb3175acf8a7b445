package dev.muster.concurrent;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which a request's calls are ended before they are done: anybody may cancel, the first cause counts.
 *
 * <p>While it is armed, which it is around a {@link FanOut} and never while an answer is written, cancelling interrupts
 * the owner, who then ends its branches. Outside of that it is remembered, and told to who asked for that. One for each
 * fan-out, used once; work of several fan-outs has one of its own that cancels theirs. Safe for use by any thread.
 */
public final class Cancellation {
    /** Why calls were ended. */
    public enum Cause {
        /** Another call of the same request failed, which is the answer. */
        SIBLING_FAILED,
        /** The request's deadline passed. */
        DEADLINE,
        /** Whoever asked has gone. */
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
    /** Guarded by the lock, as the next. */
    private @Nullable Thread owner;

    private @Nullable Set<Listener> listeners;
    private boolean over;

    /** Who is told of a cancellation, until it is closed; it may still be told while that happens. */
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

    /** Cancels, and interrupts the owner if armed; false where an earlier cause stands or there is nothing left to end. */
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
     * Has {@code action} run once, with the cause, by the thread that cancels, after the owner was interrupted; at once
     * and by the caller, if it is cancelled already. What {@code context.AfterFunc} is in Go.
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

    /** The first cause; null as long as nobody has cancelled. */
    public @Nullable Cause cause() {
        return cause;
    }

    /** Takes down that the branches decided by themselves; the owner needs no interrupt to hear of that. */
    void siblingFailed() {
        lock.lock();
        try {
            settle(Cause.SIBLING_FAILED);
        } finally {
            lock.unlock();
        }
    }

    /** Makes the calling thread the owner, to be interrupted from now on; at once, if it is cancelled already. */
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
     * Ends what {@link #arm} began, on the same thread: from here on it is too late to cancel, no interrupt comes any
     * more, and none that came is left.
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
