package dev.muster.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * All demo backends on one port, for trials and load tests: HTTP/1.1 with keep-alive, and the faults in an id
 * ({@link Faults}). Thread-safe.
 */
public final class DemoBackends implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(DemoBackends.class.getName());
    private static final int BACKLOG = 4096;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration ACCEPT_RETRY = Duration.ofMillis(100);

    private final ServerSocket listener;
    private final DemoAnswers answers;
    private final Thread acceptor;
    private final ExecutorService connections = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("demo-backends-", 0).factory());

    private DemoBackends(ServerSocket listener, DemoAnswers answers) {
        this.listener = listener;
        this.answers = answers;
        this.acceptor = Thread.ofPlatform().name("demo-backends-accept").unstarted(this::accept);
    }

    /**
     * Starts the backends.
     *
     * @param port the port, or 0 for one that is free
     * @throws java.net.BindException where the port is taken or the address is not this machine's
     * @throws IOException where the host is unknown
     * @throws IllegalArgumentException where the port is not between 0 and 65535
     */
    public static DemoBackends start(String host, int port) throws IOException {
        var answers = DemoAnswers.load();
        var backends = new DemoBackends(new ServerSocket(port, BACKLOG, InetAddress.getByName(host)), answers);
        backends.acceptor.start();
        return backends;
    }

    /** The base URI for clients on this machine. */
    public String baseUri() {
        InetAddress address = listener.getInetAddress();
        String host = (address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address).getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /**
     * Stops accepting, closes every connection, whatever it is in the middle of, and waits for all threads for a few
     * seconds. Has no effect the second time. An interrupt cuts the waiting short and stays set.
     */
    @Override
    public void close() {
        try {
            listener.close();
            acceptor.join(CLOSE_TIMEOUT);
            connections.shutdownNow();
            if (!connections.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "Demo backends: some connections did not end in {0}", CLOSE_TIMEOUT);
            }
        } catch (InterruptedException e) {
            connections.shutdownNow();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                serve(listener.accept());
            } catch (IOException e) {
                outOfSockets(e);
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        try {
            connections.execute(new DemoConnection(socket, answers));
        } catch (RejectedExecutionException e) {
            socket.close();
        }
    }

    /** Waits for open files to come free. To retry at once would burn a CPU, to give up would leave the port deaf. */
    private void outOfSockets(IOException e) {
        if (!listener.isClosed()) {
            LOG.log(Level.WARNING, "Demo backends: cannot accept: {0}", e.getMessage());
            LockSupport.parkNanos(ACCEPT_RETRY.toNanos());
        }
    }
}
