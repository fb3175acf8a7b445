package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import dev.muster.config.AppConfig.ConnectionConfig;
import dev.muster.connection.PhaseTimer.Phase;
import io.github.bucket4j.Bucket;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Enforces the limits of one listener's connections: counts them, and checks all of them with one thread.
 *
 * <p>A periodic look at all connections costs a request nothing. A timer for each phase would cost more than the rest
 * of the guard, and nearly all timers would be cancelled in time.
 *
 * <p>Thread-safe.
 */
public final class ConnectionGuard implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ConnectionGuard.class.getName());
    private static final Duration STOP_WAIT = Duration.ofSeconds(1);

    private static final Set<Phase> UNBEGUN = Set.of(Phase.IDLE, Phase.PAUSING);
    private static final Set<Phase> UNREAD = Set.of(Phase.IDLE, Phase.PAUSING, Phase.HEAD, Phase.BODY);

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** How late, at most, the guard acts on a timeout. */
    static final Duration LOOK = Duration.ofMillis(50);

    /** A look so long after the last one means that the process has stood still, or nearly so. */
    private static final Duration LATE = LOOK.multipliedBy(2);

    /** How many connections beyond the limit may wait for a place or a rejection at once; more wait in the backlog. */
    public static final int REJECTED_AT_ONCE = 128;

    /** Our limit must come first: at its own, Helidon answers 400. */
    private static final int HELIDON_MAX_HEAD = 4 * Incoming.MAX_HEAD;

    private final Http1ConnectionSelector http1 = Http1ConnectionSelector.builder()
            .config(Http1Config.builder()
                    .sendKeepAliveHeader(false)
                    .maxHeadersSize(HELIDON_MAX_HEAD)
                    // HeadCheck does it.
                    .validateRequestHeaders(false)
                    .addReceiveListener(new Http1ConnectionListener() {
                        @Override
                        public void prologue(ConnectionContext context, HttpPrologue prologue) {
                            ((GuardedContext) context).connection().requestLineRead(prologue);
                        }

                        @Override
                        public void headers(ConnectionContext context, Headers headers) {
                            ((GuardedContext) context).connection().headRead(headers);
                        }
                    })
                    .addSendListener(new Http1ConnectionListener() {
                        @Override
                        public void headers(ConnectionContext context, Headers headers) {
                            ((GuardedContext) context).connection().answering(headers);
                        }
                    })
                    .build())
            .build();

    private final ConnectionConfig limits;
    private final Consumer<Cut> recorder;
    private final Thread thread;
    private final Set<GuardedConnection> connections = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final Places places;
    private final Bucket rejections;
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean closed;

    // Set in this order during a shutdown.
    private volatile boolean closing;
    private volatile boolean closingIdle;
    private volatile boolean givingUp;

    /**
     * Starts the guard's thread; {@link #close} ends it.
     *
     * @param name of the listener, for the thread's name
     * @param recorder told of every connection that the guard ends
     */
    public ConnectionGuard(String name, ConnectionConfig limits, Consumer<Cut> recorder) {
        this.limits = limits;
        this.recorder = recorder;
        this.places = new Places(limits.maxConnections(), limits.idleTimeout());
        this.rejections = Bucket.builder()
                .withNanosecondPrecision()
                .addLimit(limit ->
                        limit.capacity(limits.refusalsPerSecond()).refillGreedy(limits.refusalsPerSecond(), SECOND))
                .build();
        this.thread = Thread.ofPlatform().name(name + "-guard").daemon().start(this::lookAfterAll);
    }

    /** Helidon's side of a connection. */
    ServerConnection http1(GuardedContext context) {
        return http1.connection(context);
    }

    /** Adds a connection; false if it must be rejected, as too many are open and all are in use. */
    boolean admit(GuardedConnection connection) {
        connections.add(connection);
        if (open.incrementAndGet() == 1) {
            wake();
        }
        try {
            return places.take(connection);
        } catch (InterruptedException e) {
            // An interrupt ends the connection.
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void release(GuardedConnection connection) {
        connections.remove(connection);
        open.decrementAndGet();
        places.leave(connection);
    }

    ConnectionConfig limits() {
        return limits;
    }

    /** Counts a request that was rejected for load; true if there are too many of them. */
    boolean rejectsTooMany() {
        return !rejections.tryConsume(1);
    }

    void cut(Cut why) {
        recorder.accept(why);
    }

    /** How many connections are open, including those being rejected. */
    public int open() {
        return open.get();
    }

    /** How many connections are idle: no request has begun on them. */
    public int idle() {
        return Math.toIntExact(connections.stream()
                .filter(connection -> connection.idleUntil() != null)
                .count());
    }

    /** From now on every answer closes its connection, as the port is closed. */
    public void listenerClosed() {
        closing = true;
    }

    boolean isClosing() {
        return closing;
    }

    /** Closes idle connections, now and as more become idle. */
    public void closeIdle() {
        closingIdle = true;
        each(GuardedConnection::endIfUnwanted);
    }

    /** Stops waiting for incomplete heads and bodies; each is answered with 503. */
    public void giveUpOnUnread() {
        givingUp = true;
        each(GuardedConnection::endIfUnwanted);
    }

    boolean isGivingUp() {
        return givingUp;
    }

    /** The phases that no connection may stay in any more. */
    Set<Phase> unwanted() {
        return givingUp ? UNREAD : closingIdle ? UNBEGUN : Set.of();
    }

    private void lookAfterAll() {
        Looks looks = new Looks(LATE, System::nanoTime);
        while (awaitNextLook()) {
            Deadline now = looks.next();
            if (now != null) {
                each(connection -> connection.lookAfter(now));
            }
        }
    }

    private void each(Consumer<GuardedConnection> action) {
        for (GuardedConnection connection : connections) {
            try {
                action.accept(connection);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "checking a connection failed", e);
            }
        }
    }

    /** Waits until the next look is due and a connection is open; false once closed. */
    private boolean awaitNextLook() {
        Deadline next = Deadline.after(LOOK);
        lock.lock();
        try {
            while (!closed && (open.get() == 0 || !next.hasPassed())) {
                if (open.get() == 0) {
                    changed.await();
                } else {
                    changed.awaitNanos(next.remaining().toNanos());
                }
            }
            return !closed;
        } catch (InterruptedException e) {
            LOG.log(Level.ERROR, "the guard was interrupted, which must never happen", e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Stops the guard's thread and waits for it. Call this after the listener's connections have ended. */
    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join(STOP_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
