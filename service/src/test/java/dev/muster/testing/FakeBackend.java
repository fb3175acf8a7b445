package dev.muster.testing;

import dev.muster.config.BackendName;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;

/**
 * A backend that sends exactly the bytes that a test orders, and knows its connections. Real HTTP servers answer
 * correctly, keep connections at will and do not report them.
 */
public final class FakeBackend implements AutoCloseable {
    private static final int BACKLOG = 1024;

    /** Answers one call, on the connection's thread. When it returns, the connection is ready for the next call. */
    @FunctionalInterface
    public interface Script {
        void answer(Call call) throws Exception;
    }

    private final String scheme;
    private final ServerSocket server;
    private final Script script;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // The lock guards all fields below.
    private final Set<Socket> open = new HashSet<>();
    private final Set<Integer> closedConnections = new HashSet<>();
    private int accepted;
    private int mostOpen;
    private boolean closed;
    private Throwable failure;

    private FakeBackend(String scheme, ServerSocket server, Script script) {
        this.scheme = scheme;
        this.server = server;
        this.script = script;
        threads.execute(this::accept);
    }

    /** Listens on 127.0.0.1, on a port that the system chooses. */
    public static FakeBackend start(Script script) {
        return start("127.0.0.1", script);
    }

    /** Listens on an address given as a literal, on a port that the system chooses. */
    public static FakeBackend start(String address, Script script) {
        try {
            return new FakeBackend("http", bind(new ServerSocket(), address, 0), script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Listens on 127.0.0.1 with TLS. */
    public static FakeBackend startTls(SSLContext context, Script script) {
        try {
            ServerSocket server = context.getServerSocketFactory().createServerSocket();
            return new FakeBackend("https", bind(server, "127.0.0.1", 0), script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Listens on 127.0.0.1, on a port where another backend has {@linkplain #stopListening stopped}. */
    public static FakeBackend startOn(int port, Script script) {
        try {
            return new FakeBackend("http", bind(new ServerSocket(), "127.0.0.1", port), script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServerSocket bind(ServerSocket server, String address, int port) throws IOException {
        server.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port), BACKLOG);
        return server;
    }

    public int port() {
        return server.getLocalPort();
    }

    public String baseUri() {
        return baseUri(server.getInetAddress().getHostAddress());
    }

    /** The base URI with another host name. */
    public String baseUri(String host) {
        String written = host.contains(":") ? "[" + host.replaceAll("%.*", "") + "]" : host;
        return scheme + "://" + written + ":" + port();
    }

    /** The calls that have arrived, in order. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** The number of connections accepted so far. */
    public int accepted() {
        lock.lock();
        try {
            return accepted;
        } finally {
            lock.unlock();
        }
    }

    /** The largest number of connections open at once. */
    public int mostOpen() {
        lock.lock();
        try {
            return mostOpen;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a connection, counted from 1, is closed. */
    public void awaitClosed(int connection) {
        await("connection " + connection + " is closed", () -> closedConnections.contains(connection));
    }

    /** Waits for the calls of {@code count} requests, where this backend plays all backends. */
    public void awaitRequests(int count) {
        int expected = count * BackendNames.CALLS_OF_A_REQUEST;
        awaitJust(expected, "the " + expected + " calls of " + count + (count == 1 ? " request" : " requests"));
    }

    /** Waits for {@code count} calls, and fails at once if more arrive. */
    public void awaitCalls(int count) {
        awaitJust(count, count == 1 ? "one call" : count + " calls");
    }

    private void awaitJust(int count, String what) {
        await(what + " arrived", () -> {
            if (calls.size() > count) {
                throw new AssertionError("more arrived than " + what + ": " + targets());
            }
            return calls.size() == count;
        });
    }

    /** Waits for {@code count} calls or more. */
    public void awaitCallsAtLeast(int count) {
        await(count + " calls or more arrived", () -> calls.size() >= count);
    }

    private List<String> targets() {
        return calls.stream().map(Call::target).toList();
    }

    private void await(String what, BooleanSupplier holds) {
        lock.lock();
        try {
            long nanos = Await.PATIENCE.toNanos();
            while (!holds.getAsBoolean()) {
                if (nanos <= 0) {
                    throw new AssertionError("never became true: " + what + "; these calls arrived: " + targets());
                }
                nanos = changed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                int connection = opened(socket);
                threads.execute(() -> serve(connection, socket));
            }
        } catch (IOException e) {
            // closed: the normal end
        }
    }

    private int opened(Socket socket) {
        lock.lock();
        try {
            open.add(socket);
            mostOpen = Math.max(mostOpen, open.size());
            changed.signalAll();
            return ++accepted;
        } finally {
            lock.unlock();
        }
    }

    private void serve(int connection, Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Call call = Call.read(connection, 1, socket, in);
            while (call != null) {
                arrived(call);
                script.answer(call);
                call = socket.isClosed() ? null : Call.read(connection, call.number() + 1, socket, in);
            }
        } catch (IOException e) {
            // the other side has closed: tests check this themselves
        } catch (Exception | Error e) {
            failed(e);
        } finally {
            closed(connection, socket);
        }
    }

    private void arrived(Call call) {
        lock.lock();
        try {
            calls.add(call);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void closed(int connection, Socket socket) {
        lock.lock();
        try {
            open.remove(socket);
            closedConnections.add(connection);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void failed(Throwable e) {
        lock.lock();
        try {
            if (failure == null && !closed) {
                failure = e;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new connections from now on; open connections continue. */
    public void stopListening() throws IOException {
        server.close();
    }

    /** Closes all connections, and fails if a script has failed. */
    @Override
    public void close() {
        List<Socket> rest;
        lock.lock();
        try {
            closed = true;
            rest = List.copyOf(open);
        } finally {
            lock.unlock();
        }
        try {
            server.close();
            for (Socket socket : rest) {
                socket.close();
            }
            threads.shutdownNow();
            if (!threads.awaitTermination(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("a script does not end");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new AssertionError("a script failed", failure);
        }
    }

    /** One call, and the means to answer it. */
    public static final class Call {
        private final int connection;
        private final int number;
        private final String target;
        private final Map<String, List<String>> headers;
        private final Socket socket;
        private final InputStream in;

        private Call(
                int connection,
                int number,
                String target,
                Map<String, List<String>> headers,
                Socket socket,
                InputStream in) {
            this.connection = connection;
            this.number = number;
            this.target = target;
            this.headers = headers;
            this.socket = socket;
            this.in = in;
        }

        /** Reads the next call; null at the end of the connection. */
        private static Call read(int connection, int number, Socket socket, InputStream in) throws IOException {
            String requestLine = line(in);
            if (requestLine == null) {
                return null;
            }
            Map<String, List<String>> headers = new HashMap<>();
            for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
            String target = requestLine.substring(requestLine.indexOf(' ') + 1, requestLine.lastIndexOf(' '));
            return new Call(connection, number, target, headers, socket, in);
        }

        private static String line(InputStream in) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    return null;
                }
                if (b != '\r') {
                    line.write(b);
                }
            }
            return line.toString(StandardCharsets.ISO_8859_1);
        }

        /** The number of its connection, counted from 1. */
        public int connection() {
            return connection;
        }

        /** Its number on its connection, counted from 1. */
        public int number() {
            return number;
        }

        /** The port of the other side. */
        public int peerPort() {
            return socket.getPort();
        }

        public String target() {
            return target;
        }

        /** The values of a header, in order. */
        public List<String> headers(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
        }

        /** The name of the called backend; fails if no backend has its path. */
        public String backend() {
            return name().label();
        }

        private BackendName name() {
            return BackendName.ALL.stream()
                    .filter(name -> target.contains(name.resource("")))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no backend has the path " + target));
        }

        /** Whether it is a call to this backend; fails if no backend has its path. */
        public boolean isFor(String backend) {
            return backend().equals(backend);
        }

        public String id() {
            return target.substring(Math.max(target.lastIndexOf('/'), target.lastIndexOf('=')) + 1);
        }

        /** Answers with the called backend's data about the id. */
        public void answerWell() throws IOException {
            json(goodBody());
        }

        /** The called backend's data about the id. */
        public String goodBody() {
            return GoodBodies.of(name(), id());
        }

        /** Answers 200 with JSON; {@code headers} are whole lines. */
        public void json(String body, String... headers) throws IOException {
            send(jsonAnswer(body, headers));
        }

        /** An answer 200 with JSON, as it goes over the wire. */
        public static String jsonAnswer(String body, String... headers) {
            StringBuilder answer = new StringBuilder("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n");
            for (String header : headers) {
                answer.append(header).append("\r\n");
            }
            return answer.append("Content-Length: " + body.length() + "\r\n\r\n" + body)
                    .toString();
        }

        /** Answers with a status and no body. */
        public void status(int status) throws IOException {
            send("HTTP/1.1 " + status + " Status\r\nContent-Length: 0\r\n\r\n");
        }

        /** Sends bytes as they are, in one write, one for each character up to U+00FF. */
        public void send(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Waits until the other side has closed the connection, in order or by a reset. */
        public void awaitPeerClosed() {
            try {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // a reset is an end too
            }
        }

        public void close() throws IOException {
            socket.close();
        }

        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
