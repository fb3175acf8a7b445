package dev.muster.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A process of a test, which ends with the test at the latest. */
final class Child implements AutoCloseable {
    private final Process process;
    private final Path log;

    private Child(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a command at the root of the repository, with its output in {@code log}. */
    static Child start(Path log, Map<String, String> environment, List<String> command) {
        // Nohup and a shell's background jobs ignore signals, and child processes inherit this.
        List<String> inTerminal = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,QUIT,TERM"));
        inTerminal.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(inTerminal)
                .directory(Compose.REPOSITORY.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("MUSTER_")
                        || name.endsWith("JAVA_OPTIONS")
                        || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        try {
            Child child = new Child(builder.start(), log);
            // If the tests' JVM is killed by a signal, close is not called.
            Runtime.getRuntime().addShutdownHook(new Thread(child.process::destroyForcibly));
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String output() {
        return Compose.text(log);
    }

    /** Waits until the output contains a match. */
    MatchResult await(Pattern part) {
        awaitUntil("the output contains " + part, () -> part.matcher(output()).find());
        return part.matcher(output()).results().findFirst().orElseThrow();
    }

    /** Waits for a condition while the process lives, with a time limit. */
    void awaitUntil(String what, BooleanSupplier holds) {
        long begun = System.nanoTime();
        while (!holds.getAsBoolean()) {
            if (!process.isAlive()
                    || System.nanoTime() - begun > Duration.ofSeconds(60).toNanos()) {
                throw new AssertionError("never became true: " + what + "\n" + output());
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Sends a signal, such as STOP. */
    void signal(String name) {
        run("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Sets its soft limits: of open files, and of the size of a file it writes. */
    void limit(String files, String fileSize) {
        run("prlimit", "--pid", Long.toString(process.pid()), "--nofile=" + files + ":", "--fsize=" + fileSize + ":");
    }

    private static void run(String... command) {
        try {
            int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (exit != 0) {
                throw new AssertionError(String.join(" ", command) + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits for its end. */
    int exitCode() {
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                throw new AssertionError("it never ended:\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        exitCode();
    }

    static Path logIn(Path directory, String name) {
        Path log = directory.resolve(name + ".log");
        try {
            return Files.createFile(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
