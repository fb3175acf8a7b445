package dev.muster.concurrent;

import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which a request's calls are ended before they are done: anybody may cancel, the first cause counts.
 *
 * <p>While it is armed, which it is around a {@link FanOut} and never while an answer is written, cancelling interrupts
 * the owner, who then ends its branches. Outside of that it is only remembered. One for each fan-out, used once; safe
 * for use by any thread.
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

    private boolean over;

    /** Cancels, and interrupts the owner if armed; false where an earlier cause stands or there is nothing left to end. */
    public boolean cancel(Cause why) {
        lock.lock();
        try {
            if (!settle(why)) {
                return false;
            }
            if (owner != null) {
                owner.interrupt();
            }
            return true;
        } finally {
            lock.unlock();
        }
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
