package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The clients that the system has let in at a port and that nobody has accepted yet. It resets whoever is still among
 * them when the port is closed, although they may have sent their requests; so they are waited for.
 *
 * <p>Thread-safe; waited for by one thread.
 */
final class Backlog {
    /** Nobody is kept waiting by a machine on which a connection gets through within that. */
    private static final Duration QUICK = Duration.ofMillis(2);

    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Duration patience;
    private volatile @Nullable Awaited awaited;

    Backlog() {
        this(PATIENCE);
    }

    /** @param patience the longest that is waited */
    Backlog(Duration patience) {
        this.patience = patience;
    }

    /** A connection from that port is to come. */
    private record Awaited(int port, CountDownLatch came) {}

    /** A connection has been accepted, from that port; true where it is our own. */
    boolean accepted(int port) {
        Awaited probe = awaited;
        if (probe == null || probe.port() != port) {
            return false;
        }
        probe.came().countDown();
        return true;
    }

    /**
     * Waits until there is nobody in the backlog of {@code listening}, or nearly so, but for no longer than its patience.
     * Connections are accepted in order, so there is nobody once one of our own has been; where that takes long, others
     * have come meanwhile, and it is tried again.
     *
     * @return our own connection; null if there can be none
     */
    @Nullable
    Socket awaitEmpty(InetSocketAddress listening) {
        InetSocketAddress address = listening.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getPort())
                : listening;
        Deadline deadline = Deadline.after(patience);
        Socket probe = new Socket();
        try {
            while (!getsThroughQuickly(probe, address, deadline) && !deadline.hasPassed()) {
                probe.close();
                probe = new Socket();
            }
            return probe;
        } catch (IOException e) {
            close(probe);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close(probe);
            return null;
        }
    }

    private static void close(Socket probe) {
        try {
            probe.close();
        } catch (IOException e) {
            // nobody uses it
        }
    }

    private boolean getsThroughQuickly(Socket probe, InetSocketAddress address, Deadline deadline)
            throws IOException, InterruptedException {
        CountDownLatch came = new CountDownLatch(1);
        probe.bind(null);
        awaited = new Awaited(probe.getLocalPort(), came);
        // Not zero, which would be for ever.
        probe.connect(address, Math.toIntExact(Math.max(1, deadline.remaining().toMillis())));
        Deadline quick = Deadline.after(QUICK);
        came.await(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        return !quick.hasPassed();
    }
}
