package dev.muster.backend;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Looks up a backend's name on its own thread: a DNS look-up cannot be interrupted, but a caller must be.
 *
 * <p>The last good answer serves during a new look-up and after a failed one. Callers wait only before the first good
 * answer, and can be interrupted. Safe for use by any thread.
 */
final class AddressResolver implements AutoCloseable {
    private static final Duration STOP_WAIT = Duration.ofMillis(500);

    static {
        // The JDK caches answers for 30 s and failures for 10 s, whatever dns-refresh says. It reads these properties
        // once, at the JVM's first look-up, and that is ours.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    private final String host;
    private final Duration refresh;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private final Condition answered = lock.newCondition();
    private final Thread thread;

    // All below are guarded by lock.
    private InetAddress @Nullable [] lastGood;
    private @Nullable Exception lastFailure;
    private long answeredNanos;
    private long requested;
    private long completed;
    private boolean closed;

    AddressResolver(String backend, String host, Duration refresh) {
        this.host = host;
        this.refresh = refresh;
        this.thread = Thread.ofPlatform().name("resolver-" + backend).daemon().unstarted(this::run);
        thread.start();
    }

    /**
     * The host's addresses, in the order to try them.
     *
     * @throws UnknownHostException if there never was a good answer and this call's look-up failed
     * @throws InterruptedException if the caller was interrupted while the look-up ran
     */
    InetAddress[] addresses() throws UnknownHostException, InterruptedException {
        lock.lockInterruptibly();
        try {
            InetAddress[] known = lastGood;
            if (known != null) {
                if (System.nanoTime() - answeredNanos > refresh.toNanos()) {
                    request();
                }
                return known;
            }
            long mine = request();
            while (completed < mine && !closed) {
                answered.await();
            }
            InetAddress[] found = lastGood;
            if (found != null) {
                return found;
            }
            UnknownHostException unknown = new UnknownHostException(host);
            unknown.initCause(lastFailure);
            throw unknown;
        } finally {
            lock.unlock();
        }
    }

    /** Requests a look-up, as no known address answers. */
    void refresh() {
        lock.lock();
        try {
            request();
        } finally {
            lock.unlock();
        }
    }

    /** Starts a look-up, or joins the running one. The caller holds the lock. */
    private long request() {
        if (requested == completed) {
            requested++;
            wanted.signal();
        }
        return requested;
    }

    private void run() {
        while (awaitRequest()) {
            try {
                publish(InetAddress.getAllByName(host), null);
            } catch (UnknownHostException | RuntimeException e) {
                publish(null, e);
            }
        }
    }

    private boolean awaitRequest() {
        lock.lock();
        try {
            while (requested == completed && !closed) {
                wanted.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void publish(InetAddress @Nullable [] good, @Nullable Exception failure) {
        lock.lock();
        try {
            if (good != null) {
                lastGood = good;
            }
            lastFailure = failure;
            answeredNanos = System.nanoTime();
            completed = requested;
            answered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Stops the thread. Waits only briefly for its end, as nothing can end a look-up that hangs. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wanted.signalAll();
            answered.signalAll();
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
