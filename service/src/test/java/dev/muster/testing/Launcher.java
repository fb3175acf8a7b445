package dev.muster.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code ./run} in a separate directory tree with everything built, so that it does not need Maven. */
public final class Launcher implements AutoCloseable {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private final Path tree;
    private final Path tools;
    private final List<Process> started = new ArrayList<>();

    private Launcher(Path tree) {
        this.tree = tree;
        this.tools = tree.resolve("tools");
    }

    /** Creates the tree. The caller must write the jar and the libraries. */
    public static Launcher in(Path directory) {
        Launcher launcher = new Launcher(directory);
        try {
            launcher.fill();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return launcher;
    }

    private void fill() throws IOException {
        Files.createDirectories(tools);
        Files.createDirectories(tree.resolve("build"));
        Files.createDirectories(tree.resolve("service/src/main"));
        Files.createDirectories(tree.resolve("service/target/lib"));
        for (String file : List.of("run", "build/jdk.sh", "build/aot.sh", "service/java.options")) {
            Files.copy(REPOSITORY.resolve(file), tree.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.createFile(tree.resolve("pom.xml"));
        Files.createFile(tree.resolve("service/pom.xml"));
        Files.createFile(file("built"));
        Files.setLastModifiedTime(file("built"), FileTime.from(Instant.now().plus(Duration.ofHours(1))));
    }

    /** A file of the build's results. */
    public Path file(String name) {
        return tree.resolve("service/target").resolve(name);
    }

    /** The names of the build's results. */
    public List<String> files() {
        try (Stream<Path> files = Files.list(tree.resolve("service/target"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes one byte of a file in the tree, but not the file's time. */
    public void change(String file) throws IOException {
        Path changed = tree.resolve(file);
        FileTime before = Files.getLastModifiedTime(changed);
        Files.writeString(changed, "\n", StandardOpenOption.APPEND);
        Files.setLastModifiedTime(changed, before);
    }

    /** Changes the time of a file in the tree. */
    public void touch(String file) throws IOException {
        Files.setLastModifiedTime(tree.resolve(file), FileTime.from(Instant.now()));
    }

    /** Installs a script at the beginning of the PATH. */
    public void install(String name, String script) throws IOException {
        write(tools.resolve(name), script);
    }

    /** Creates a Java 25 home with a script for {@code java}. */
    public Path jdk(String name, String script) throws IOException {
        Path home = tree.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"25\"\n");
        write(home.resolve("bin/java"), script);
        return home;
    }

    private static void write(Path file, String script) throws IOException {
        Files.writeString(file, "#!/usr/bin/env bash\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Starts {@code ./run} with a JDK. */
    public Run start(Path jdk, Map<String, String> environment, String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(Signals.asInATerminal(List.of("./run")));
        builder.command().addAll(List.of(arguments));
        Map<String, String> inherited = builder.environment();
        inherited.keySet().removeIf(name -> name.startsWith("MUSTER_") || name.endsWith("JAVA_OPTIONS"));
        inherited.remove("JAVA_TOOL_OPTIONS");
        inherited.put("JAVA_HOME", jdk.toString());
        inherited.put("PATH", tools + ":" + inherited.get("PATH"));
        inherited.putAll(environment);
        Path out = tree.resolve("out-" + started.size());
        Path err = tree.resolve("err-" + started.size());
        try {
            Process process = builder.directory(tree.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            started.add(process);
            return new Run(process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends all processes still running. */
    @Override
    public void close() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            Await.result(process.destroyForcibly().onExit());
        }
    }

    /** One run: its process, and the files with its output. */
    public record Run(Process process, Path outFile, Path errFile) {
        /** Waits for the end of the run, which may include the training, and returns the exit code. */
        public int awaitExit() {
            return process.onExit().orTimeout(150, TimeUnit.SECONDS).join().exitValue();
        }

        public String out() {
            return read(outFile);
        }

        public String err() {
            return read(errFile);
        }

        /** Sends a signal, by its name without SIG. */
        public void signal(String name) throws IOException {
            Process kill = new ProcessBuilder("sh", "-c", "kill -s " + name + " " + process.pid()).start();
            if (Await.result(kill.onExit()).exitValue() != 0) {
                throw new AssertionError("no process to send SIG" + name + " to");
            }
        }

        private static String read(Path file) {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
