package dev.muster.testing;

import dev.muster.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The service as a separate process, started as users start it: only a process has signals and an exit code. */
public final class ServiceProcess implements AutoCloseable {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SERVING =
            Pattern.compile(".*serving on http://127\\.0\\.0\\.1:(\\d+), admin on http://127\\.0\\.0\\.1:(\\d+).*");

    private final Process process;
    private final Output out;
    private final Output err;

    private ServiceProcess(Process process, boolean isRead) {
        this.process = process;
        this.out = new Output(process.inputReader(), isRead);
        this.err = new Output(process.errorReader(), true);
    }

    /** How to start a process. */
    public static final class Launch {
        private final Map<String, String> settings = new HashMap<>(Map.of(
                "server.port", "0",
                "admin.port", "0",
                "demo.port", "0",
                "deadline.max", "PT1M",
                "deadline.default", "PT1M"));
        private final List<String> options = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private String main = Main.class.getName();
        private String shell = "exec \"$@\"";
        private boolean errorsToOutput;
        private boolean isRead = true;
        private boolean hasArchive = true;

        private Launch(String command) {
            arguments.add(command);
        }

        /** Puts all backends at {@code baseUri}, with more time than any test takes. */
        public Launch backends(String baseUri) {
            return set("backends.base-uri", baseUri).set("backends.timeout", "PT1M");
        }

        /** Sets a config key in the environment. */
        public Launch set(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /** Removes a setting. */
        public Launch unset(String key) {
            settings.remove(key);
            return this;
        }

        /** Adds JVM options to the usual ones. */
        public Launch java(String... more) {
            options.addAll(List.of(more));
            return this;
        }

        /** Adds arguments after the command. */
        public Launch arguments(String... more) {
            arguments.addAll(List.of(more));
            return this;
        }

        /** Starts another class, which must call {@link Main}. */
        public Launch main(Class<?> other) {
            main = other.getName();
            return this;
        }

        /** Starts it by a shell: {@code script} ends with {@code exec "$@"}, and may redirect its output. */
        public Launch shell(String script) {
            shell = script;
            return this;
        }

        /** Sends standard error to standard output, like {@code 2>&1}. */
        public Launch errorsToOutput() {
            errorsToOutput = true;
            return this;
        }

        /** Leaves standard output unread until {@link ServiceProcess#goOnReading}. */
        public Launch unread() {
            isRead = false;
            return this;
        }

        /** Starts without the class archive, and so more slowly. */
        Launch withoutArchive() {
            hasArchive = false;
            return this;
        }

        public ServiceProcess start() {
            List<String> command = new ArrayList<>(List.of("sh", "-c", shell, "sh"));
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("@service/java.options");
            // Start-up takes two thirds of the time with this option.
            command.add("-XX:TieredStopAtLevel=1");
            if (hasArchive) {
                command.addAll(ClassArchive.options());
            }
            command.addAll(options);
            command.addAll(List.of("-cp", ClassArchive.classPath(), main));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(Signals.asInATerminal(command))
                    .directory(REPOSITORY.toFile())
                    .redirectErrorStream(errorsToOutput);
            Map<String, String> environment = builder.environment();
            // For options in these variables the JVM prints a line on standard error.
            environment.keySet().removeIf(name -> name.startsWith("MUSTER_") || name.endsWith("JAVA_OPTIONS"));
            environment.remove("JAVA_TOOL_OPTIONS");
            settings.forEach((key, value) -> environment.put(variable(key), value));
            try {
                return new ServiceProcess(builder.start(), isRead);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String variable(String key) {
            return "MUSTER_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        }
    }

    /** A process that runs {@code command} on ports that the system chooses. */
    public static Launch launch(String command) {
        return new Launch(command);
    }

    /** Waits until the service serves. */
    public ServiceProcess awaitServing() {
        serving();
        return this;
    }

    private Matcher serving() {
        Matcher matcher = SERVING.matcher(out.await("serving on"));
        if (!matcher.matches()) {
            throw new AssertionError("this line does not name the ports: " + matcher);
        }
        return matcher;
    }

    /** The port for profiles, once the service serves. */
    public int port() {
        return Integer.parseInt(serving().group(1));
    }

    /** The port for health and metrics, once the service serves. */
    public int adminPort() {
        return Integer.parseInt(serving().group(2));
    }

    /** The ports on which it listens, for a process that does not print them. */
    public List<Integer> listening() {
        return SocketTable.listening(process.pid());
    }

    /** Stops reading standard output; some lines may have been read ahead. */
    public void stopReading() {
        out.read(false);
    }

    public void goOnReading() {
        out.read(true);
    }

    /** Closes the reading end of standard output after the next line. */
    public void closeOutput() {
        out.close();
    }

    /** Waits for a line of standard output that contains {@code text}, and returns it. */
    public String awaitLine(String text) {
        return out.await(text);
    }

    /** Waits for a thread of this name. The kernel keeps 15 characters of a name. */
    public void awaitThread(String name) {
        Await.until("a thread named " + name + " runs", () -> threads().anyMatch(Predicate.isEqual(name)));
    }

    private Stream<String> threads() {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            return tasks.map(task -> name(task.resolve("comm"))).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path comm) {
        try {
            return Files.readString(comm).strip();
        } catch (NoSuchFileException e) {
            return "ended meanwhile";
        } catch (IOException e) {
            // The thread ended after the file was opened: no such process.
            return "ended meanwhile";
        }
    }

    /** Whether the process refuses connections to {@code port}. */
    public static boolean refuses(int port) {
        try (Socket socket = new Socket()) {
            // Bound to an address where no one listens: otherwise the system might give the socket the same port.
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0));
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (SocketException e) {
            // The port was closed during the connect, which resets it. It is not refused, but the next one will be.
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One GET to the admin port. */
    public RawConnection.Response admin(String path) {
        try (RawConnection connection = new RawConnection(adminPort())) {
            connection.send("GET", path);
            return connection.read("GET");
        }
    }

    /** Sends a signal, by its name without SIG. */
    public void signal(String name) {
        try {
            // The shell's own kill: a system need not have another.
            Process kill = new ProcessBuilder("sh", "-c", "kill -s " + name + " " + process.pid())
                    .inheritIO()
                    .start();
            if (Await.result(kill.onExit()).exitValue() != 0) {
                throw new AssertionError("no process to send SIG" + name + " to");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the process unable to open files or accept connections; open ones stay. */
    public void closeFiles() {
        limitFiles("1");
    }

    /** Lets the process open files again. */
    public void openFiles() {
        limitFiles("1024");
    }

    private void limitFiles(String soft) {
        try {
            Process prlimit = new ProcessBuilder(
                            "prlimit", "--pid", Long.toString(process.pid()), "--nofile=" + soft + ":")
                    .inheritIO()
                    .start();
            if (Await.result(prlimit.onExit()).exitValue() != 0) {
                throw new AssertionError("the process's limit of open files cannot be set to " + soft);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes its standard input. */
    public void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for its end, and returns the exit code. For a signal it is the shell's: 128 plus the signal's number. */
    public int awaitExit() {
        return Await.result(process.onExit()).exitValue();
    }

    /** All lines of standard output, after its end. */
    public List<String> out() {
        return out.all();
    }

    /** All lines of standard error, after its end. */
    public List<String> err() {
        return err.all();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        awaitExit();
        goOnReading();
    }

    /** The lines of one of its streams, as they come. */
    private static final class Output {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final CompletableFuture<Void> end;
        // The lock guards both.
        private final List<String> lines = new ArrayList<>();
        private boolean ended;
        private boolean isRead;
        private boolean isClosed;

        Output(BufferedReader reader, boolean isRead) {
            this.isRead = isRead;
            // Not a virtual thread: reading a pipe would block its carrier, and the tests' own threads need carriers.
            end = CompletableFuture.runAsync(
                    () -> read(reader),
                    task -> Thread.ofPlatform().daemon().name("output").start(task));
        }

        private void read(BufferedReader reader) {
            try (reader) {
                while (goesOn()) {
                    String line = reader.readLine();
                    if (line == null) {
                        return;
                    }
                    add(line);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                add(null);
            }
        }

        /** Waits until the stream is to be read; false if it is to be closed. */
        private boolean goesOn() {
            lock.lock();
            try {
                while (!isRead && !isClosed) {
                    changed.awaitUninterruptibly();
                }
                return !isClosed;
            } finally {
                lock.unlock();
            }
        }

        void close() {
            lock.lock();
            try {
                isClosed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        void read(boolean goesOn) {
            lock.lock();
            try {
                isRead = goesOn;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Adds a line; null for the end. */
        private void add(String line) {
            lock.lock();
            try {
                if (line == null) {
                    ended = true;
                } else {
                    lines.add(line);
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        String await(String text) {
            lock.lock();
            try {
                long nanos = Await.PATIENCE.toNanos();
                while (true) {
                    for (String line : lines) {
                        if (line.contains(text)) {
                            return line;
                        }
                    }
                    if (ended || nanos <= 0) {
                        throw new AssertionError("no line contains \"" + text + "\": " + lines);
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

        List<String> all() {
            Await.result(end);
            lock.lock();
            try {
                return List.copyOf(lines);
            } finally {
                lock.unlock();
            }
        }
    }
}
