package dev.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.Signals;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.tools.ToolProvider;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs the drain tool as a process, with a command that lasts until the test ends it. */
final class DrainTool implements AutoCloseable {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final String JAVA_HOME = System.getProperty("java.home");

    private static final String BEGUN = "the command has begun";
    static final String COMMAND = "echo " + BEGUN + "; read line";

    private final Process process;
    private final Path json;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CompletableFuture<String> out;
    private final CompletableFuture<String> err;

    private DrainTool(Process process, Path json) {
        this.process = process;
        this.json = json;
        this.out = CompletableFuture.supplyAsync(() -> read(process.inputReader()), DrainTool::onPlatformThread);
        this.err = CompletableFuture.supplyAsync(() -> read(process.errorReader()), DrainTool::onPlatformThread);
    }

    /** No virtual thread: a read of a pipe blocks the carrier, and the test's own threads need carriers. */
    private static void onPlatformThread(Runnable task) {
        Thread.ofPlatform().daemon().name("output").start(task);
    }

    /** Compiles the tool as strictly as the service. A start from source would take longer than most tests. */
    static void compile(Path directory) {
        StringWriter messages = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        List<String> options = List.of("-d", directory.toString(), "-Xlint:all", "-Werror");
        boolean compiled = compiler.getTask(
                        messages,
                        files,
                        null,
                        options,
                        null,
                        files.getJavaFileObjects(REPOSITORY.resolve("loadtest/Drain.java")))
                .call();
        assertThat(compiled).as(messages.toString()).isTrue();
    }

    /** Starts it with these options and {@code --json}. */
    static DrainTool start(Path classes, String... options) {
        return startBy(java(classes), options);
    }

    /** Starts it with these options only. */
    static DrainTool startBare(Path classes, List<String> options) {
        return start(java(classes), options, freshJson());
    }

    /** Starts it with a load that lasts until {@link #finish}. Only the options add clients. */
    static DrainTool load(Path classes, FakeBackend server, String... options) {
        return start(classes, loading(server, options));
    }

    /** The options of {@link #load}. */
    static String[] loading(FakeBackend server, String... options) {
        List<String> all = new ArrayList<>(List.of("--target", server.baseUri(), "--during", COMMAND));
        List<String> more = List.of(options);
        for (String name : List.of("--fast", "--sparse", "--rate", "--before", "--after")) {
            if (!more.contains(name)) {
                all.addAll(List.of(name, "0"));
            }
        }
        all.addAll(more);
        return all.toArray(String[]::new);
    }

    /** Starts it by another command, with these options and {@code --json}. */
    static DrainTool startBy(List<String> command, String... options) {
        Path json = freshJson();
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--json", json.toString()));
        return start(command, all, json);
    }

    private static List<String> java(Path classes) {
        return List.of(
                JAVA_HOME + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx20m",
                "-cp",
                classes.toString(),
                "Drain");
    }

    private static DrainTool start(List<String> command, List<String> options, Path json) {
        List<String> all = new ArrayList<>(command);
        all.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(Signals.asInATerminal(all)).directory(REPOSITORY.toFile());
        builder.environment().put("JAVA_HOME", JAVA_HOME);
        try {
            return new DrainTool(builder.start(), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path freshJson() {
        try {
            return Files.createTempFile("drain", ".json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String read(BufferedReader reader) {
        try (reader) {
            StringBuilder all = new StringBuilder();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                all.append(line).append('\n');
                if (line.equals(BEGUN)) {
                    begun.countDown();
                }
            }
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitCommand() {
        Await.latch(begun);
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Ends the command, and waits for the report. */
    Result finish() {
        try {
            process.outputWriter().write("\n");
            process.outputWriter().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result();
    }

    /** Waits for the report. */
    Result result() {
        try {
            Await.result(process.onExit());
            return new Result(process.exitValue(), Await.result(out), Await.result(err), Files.readString(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Await.result(process.onExit());
        try {
            Files.deleteIfExists(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its exit code, output and figures. */
    record Result(int exit, String out, String err, String json) {
        JsonNode figures() {
            return JsonMapper.shared().readTree(json);
        }

        long count(String name) {
            return figures().required(name).asLong();
        }

        double time(String name) {
            return figures().required(name).asDouble();
        }
    }
}
