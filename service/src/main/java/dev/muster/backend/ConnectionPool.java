package dev.muster.backend;

import dev.muster.backend.CallTimes.Stage;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the connections to one backend for reuse. The newest idle one is used first, so that surplus ones expire.
 *
 * <p>Safe for use by any thread. Nothing blocks while the lock is held.
 */
final class ConnectionPool implements AutoCloseable {
    /** Opens the connections. Safe for use by any thread. */
    interface Source extends AutoCloseable {
        /**
         * Opens a connection.
         *
         * @throws IOException if none can be opened, perhaps because of an interrupt
         * @throws InterruptedException if the caller was interrupted
         */
        BackendConnection connect() throws IOException, InterruptedException;

        @Override
        void close();
    }

    private final Source source;
    private final Permits permits;
    private final long idleTimeoutNanos;
    private final DeadlineTicker ticker;
    private final ReentrantLock lock = new ReentrantLock();

    // All below are guarded by lock.
    private final Deque<BackendConnection> idle = new ArrayDeque<>();
    private boolean sweepScheduled;
    private boolean closed;

    /**
     * An empty pool.
     *
     * @param source closed with the pool
     * @param permits limits the connections, idle ones included
     * @param idleTimeout how long an unused connection is kept
     */
    ConnectionPool(Source source, Permits permits, Duration idleTimeout, DeadlineTicker ticker) {
        this.source = source;
        this.permits = permits;
        this.idleTimeoutNanos = idleTimeout.toNanos();
        this.ticker = ticker;
    }

    /** The permits, one of which each connection in use needs. */
    Permits permits() {
        return permits;
    }

    /**
     * Takes the newest idle connection, or opens one.
     *
     * @param permit given back with the connection, or if no connection can be opened
     * @param times records the stages of the permit and the connection
     * @throws InterruptedException if the caller was interrupted while the name was looked up
     * @throws IOException if no connection could be opened
     */
    Lease lease(Permits.Permit permit, CallTimes times) throws InterruptedException, IOException {
        times.mark(Stage.PERMIT);
        Lease lease = new Lease(permit, times);
        try {
            BackendConnection usable = pollIdle();
            lease.take(usable != null ? usable : source.connect());
            return lease;
        } catch (Throwable e) {
            lease.close();
            throw e;
        }
    }

    private @Nullable BackendConnection pollIdle() {
        while (true) {
            BackendConnection newest;
            lock.lock();
            try {
                newest = idle.pollFirst();
            } finally {
                lock.unlock();
            }
            if (newest == null || !newest.hasUnsolicitedBytes()) {
                return newest;
            }
            newest.close(CloseMode.IMMEDIATE);
        }
    }

    private void keep(BackendConnection connection) {
        lock.lock();
        try {
            if (!closed) {
                connection.becomeIdle(System.nanoTime());
                idle.addFirst(connection);
                scheduleSweep();
                return;
            }
        } finally {
            lock.unlock();
        }
        connection.retire();
    }

    /** Schedules a sweep for when the oldest idle connection expires. The caller holds the lock. */
    private void scheduleSweep() {
        if (!sweepScheduled && !idle.isEmpty()) {
            sweepScheduled = true;
            long leftNanos =
                    idleTimeoutNanos - (System.nanoTime() - idle.getLast().idleSinceNanos());
            ticker.schedule(Deadline.after(Duration.ofNanos(leftNanos)), this::sweep);
        }
    }

    private void sweep() {
        List<BackendConnection> expired = new ArrayList<>();
        lock.lock();
        try {
            sweepScheduled = false;
            long now = System.nanoTime();
            while (!idle.isEmpty() && now - idle.getLast().idleSinceNanos() >= idleTimeoutNanos) {
                expired.add(idle.removeLast());
            }
            scheduleSweep();
        } finally {
            lock.unlock();
        }
        expired.forEach(BackendConnection::retire);
    }

    /** How many calls hold a permit: they run, or are about to. */
    int activeCount() {
        return permits.taken();
    }

    int waitingCount() {
        return permits.waiting();
    }

    int idleCount() {
        lock.lock();
        try {
            return idle.size();
        } finally {
            lock.unlock();
        }
    }

    /** Closes the idle connections. Those in use are closed when released. */
    @Override
    public void close() {
        List<BackendConnection> rest;
        lock.lock();
        try {
            closed = true;
            rest = List.copyOf(idle);
            idle.clear();
        } finally {
            lock.unlock();
        }
        rest.forEach(BackendConnection::retire);
        source.close();
    }

    /** A permit and its connection, held by one thread until closed. */
    final class Lease implements AutoCloseable {
        private final Permits.Permit permit;
        private final CallTimes times;
        private @Nullable BackendConnection connection;
        private boolean reusable;

        private Lease(Permits.Permit permit, CallTimes times) {
            this.permit = permit;
            this.times = times;
        }

        private void take(BackendConnection taken) {
            connection = taken;
            times.mark(Stage.CONNECTED);
        }

        BackendConnection connection() {
            if (connection == null) {
                throw new IllegalStateException("the lease has no connection");
            }
            return connection;
        }

        CallTimes times() {
            return times;
        }

        /** Replaces a stale connection by a new one. Other idle ones may be stale, too. */
        BackendConnection reconnect() throws IOException, InterruptedException {
            connection().close(CloseMode.IMMEDIATE);
            connection = null;
            take(source.connect());
            return connection();
        }

        void markReusable() {
            reusable = true;
        }

        @Override
        public void close() {
            try (permit) {
                if (connection != null && reusable) {
                    keep(connection);
                } else if (connection != null) {
                    connection.close(CloseMode.IMMEDIATE);
                }
            }
        }
    }
}
