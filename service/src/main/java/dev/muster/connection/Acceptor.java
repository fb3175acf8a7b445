package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.Threads;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Accepts the clients of a port and serves each connection on its own thread. A failure ends neither the port nor a
 * connection: the acceptor tries again. docs/adr/0015-listener.md has the reasons.
 *
 * <p>Thread-safe.
 */
public final class Acceptor {
    private static final Logger LOG = System.getLogger(Acceptor.class.getName());

    /** How long a port still accepts waiting clients before it closes. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    /**
     * How a port accepts clients.
     *
     * @param name for threads and the log
     * @param maxConnections open at once; more clients wait in the backlog
     * @param onPlatformThreads whether connections are served on threads of the operating system, which many busy
     *     virtual threads do not delay
     */
    public record Settings(String name, int maxConnections, boolean onPlatformThreads) {
        private Thread.Builder threads() {
            String prefix = name + "-connection-";
            return onPlatformThreads
                    ? Thread.ofPlatform().daemon().name(prefix, 1)
                    : Thread.ofVirtual().name(prefix, 1);
        }
    }

    private final Settings settings;
    private final ServerPort port;
    private final Consumer<SocketChannel> server;
    private final PortObserver observer;
    private final Thread thread;

    // Used by the accepting thread only.
    private final Outage outage;
    private boolean toldLost;
    private final Thread.Builder threads;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock.
    private final Set<Thread> connections = new HashSet<>();
    /** When accepting ends; null while the port stays open. */
    private @Nullable Deadline last;

    private Acceptor(
            Settings settings,
            ServerPort port,
            Consumer<SocketChannel> server,
            PortObserver observer,
            LongSupplier clock) {
        this.settings = settings;
        this.port = port;
        this.server = server;
        this.observer = observer;
        this.outage = new Outage(clock);
        this.threads = settings.threads();
        // No daemon: an open port keeps the process alive.
        this.thread = Thread.ofPlatform().name(settings.name() + "-accept").unstarted(this::acceptAll);
    }

    /**
     * Listens at {@code address} and begins to accept.
     *
     * @param address port 0 means any free port
     * @param server serves a connection to its end and closes it; called on the connection's thread
     * @throws IOException if the address cannot be bound
     */
    public static Acceptor open(
            InetSocketAddress address, Settings settings, Consumer<SocketChannel> server, PortObserver observer)
            throws IOException {
        return start(settings, ChannelPort.open(address), server, observer, System::nanoTime);
    }

    /** Accepts at {@code port}, and closes it in the end. */
    static Acceptor start(
            Settings settings,
            ServerPort port,
            Consumer<SocketChannel> server,
            PortObserver observer,
            LongSupplier clock) {
        Acceptor acceptor = new Acceptor(settings, port, server, observer, clock);
        acceptor.thread.start();
        return acceptor;
    }

    public InetSocketAddress address() {
        return port.address();
    }

    private void acceptAll() {
        try (port) {
            while (awaitRoom() && acceptNext()) {
                // on to the next
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, settings.name() + ": closing the port failed", e);
        }
    }

    /** Accepts a client, or waits for one; false if none waits and the port is closing. */
    private boolean acceptNext() {
        try {
            // Read first, so that accept() sees every client that connected before closePort().
            boolean closing = isClosing();
            SocketChannel client = port.accept();
            if (client != null) {
                serve(client);
            }
            worksAgain();
            if (client == null && !closing) {
                port.awaitClient();
            }
            return client != null || !closing;
        } catch (Throwable e) {
            // An Error, too: a lack of memory for a thread may be temporary.
            return awaitNextTry(e);
        }
    }

    private void serve(SocketChannel client) throws IOException {
        Thread connection = threads.unstarted(() -> run(client));
        add(connection);
        try {
            connection.start();
        } catch (Throwable e) {
            remove(connection);
            client.close();
            throw e;
        }
    }

    private void run(SocketChannel client) {
        try {
            server.accept(client);
        } finally {
            remove(Thread.currentThread());
        }
    }

    private void worksAgain() {
        if (outage.ended()) {
            LOG.log(
                    Level.INFO,
                    "{0}: accepts connections again, after {1} ms and {2} failures",
                    settings.name(),
                    Long.toString(outage.lasted().toMillis()),
                    outage.failures());
            observer.recovered();
        }
    }

    /** False if no time is left for another try. */
    private boolean awaitNextTry(Throwable failure) {
        Duration pause = outage.failed();
        try {
            report(failure, pause);
            if (port.renew()) {
                LOG.log(Level.WARNING, "{0}: the port had been closed, and is open again", settings.name());
            }
        } catch (Throwable e) {
            // The cause of the failure may break the report, too. The next failure is reported again.
        }
        return sleep(pause);
    }

    private void report(Throwable failure, Duration pause) {
        observer.failed();
        if (pause.isZero()) {
            LOG.log(Level.WARNING, "{0}: cannot accept a connection, tries again: {1}", settings.name(), failure);
        }
        if (outage.isLost() && !toldLost) {
            observer.lost(settings.name() + ": could accept no connection for "
                    + outage.lasted().toSeconds() + " s: " + failure);
            toldLost = true;
        }
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return last != null;
        } finally {
            lock.unlock();
        }
    }

    private void add(Thread connection) {
        lock.lock();
        try {
            connections.add(connection);
        } finally {
            lock.unlock();
        }
    }

    private void remove(Thread connection) {
        lock.lock();
        try {
            connections.remove(connection);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until one more connection may open; false if the time to accept is over before. */
    private boolean awaitRoom() {
        lock.lock();
        try {
            while (connections.size() >= settings.maxConnections() && !isOver()) {
                changed.awaitNanos(orUntilOver(Long.MAX_VALUE));
            }
            return !isOver();
        } catch (InterruptedException e) {
            return interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for {@code pause} or for {@link #closePort}; false if the time to accept is over. */
    private boolean sleep(Duration pause) {
        Deadline next = Deadline.after(pause);
        lock.lock();
        try {
            boolean wasClosing = last != null;
            while (!next.hasPassed() && !isOver() && (wasClosing || last == null)) {
                changed.awaitNanos(orUntilOver(next.remaining().toNanos()));
            }
            return !isOver();
        } catch (InterruptedException e) {
            return interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    private boolean interrupted(InterruptedException e) {
        LOG.log(Level.ERROR, settings.name() + ": the acceptor was interrupted, which must never happen", e);
        return true;
    }

    /** With the lock held. */
    private long orUntilOver(long nanos) {
        return last == null ? nanos : Math.min(nanos, last.remaining().toNanos());
    }

    /** With the lock held. */
    private boolean isOver() {
        return last != null && last.hasPassed();
    }

    /**
     * Accepts the clients that wait, for half a second at most, then closes the port. Connections stay open. An
     * interrupt does not end the wait, as the port would stay open.
     */
    public void closePort() {
        lock.lock();
        try {
            if (last == null) {
                last = Deadline.after(PATIENCE);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        port.wake();
        Threads.joinUninterruptibly(thread);
    }

    /** Waits until no connection is open, at most until {@code deadline}; false if some still are. */
    public boolean awaitNoConnection(Deadline deadline) {
        lock.lock();
        try {
            while (!connections.isEmpty() && !deadline.hasPassed()) {
                changed.awaitNanos(deadline.remaining().toNanos());
            }
            return connections.isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return connections.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Interrupts the threads of all connections. A connection that waits for its client closes. */
    public void interruptConnections() {
        lock.lock();
        try {
            connections.forEach(Thread::interrupt);
        } finally {
            lock.unlock();
        }
    }
}
