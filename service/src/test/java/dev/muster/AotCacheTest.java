package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.admin.AdminRoutes;
import dev.muster.profile.ProfileRoutes;
import dev.muster.testing.Await;
import dev.muster.testing.Launcher;
import dev.muster.testing.Launcher.Run;
import io.helidon.webserver.http1.Http1Connection;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes.Name;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The AOT cache of {@code ./run}, as the real JVM accepts it. */
class AotCacheTest {
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    private static final String LOADED = " -Xlog:class+load:file=loaded";

    @TempDir
    private static Path tree;

    private static Launcher launcher;
    private static Run training;
    private static List<String> left;

    /** Takes seconds on an idle machine. */
    @BeforeAll
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    static void train() throws Exception {
        launcher = Launcher.in(tree);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<Path> jars = Stream.of(classPath.split(":", -1))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .toList();
        for (Path jar : jars) {
            Files.copy(jar, launcher.file("lib").resolve(jar.getFileName()));
        }
        writeJar(jars);
        training = launcher.start(JDK, Map.of(), "--help");
        assertThat(training.awaitExit()).as(training.err()).isZero();
        left = launcher.files();
    }

    @AfterAll
    static void end() {
        launcher.close();
    }

    /** The JVM accepts no classes in a cache from directories. */
    private static void writeJar(List<Path> libraries) throws Exception {
        Path classes = Path.of(
                Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Name.MAIN_CLASS, Main.class.getName());
        manifest.getMainAttributes()
                .put(
                        Name.CLASS_PATH,
                        String.join(
                                " ",
                                libraries.stream()
                                        .map(jar -> "lib/" + jar.getFileName())
                                        .toList()));
        try (OutputStream file = Files.newOutputStream(launcher.file("muster.jar"));
                JarOutputStream jar = new JarOutputStream(file, manifest);
                Stream<Path> entries = Files.walk(classes)) {
            for (Path entry : entries.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(classes.relativize(entry).toString()));
                Files.copy(entry, jar);
            }
        }
    }

    /** Starts a command that ends by itself, with further options, so that the JVM checks its cache. */
    private static Run check(String options) {
        Run run = launcher.start(JDK, settings(options), "check");
        assertThat(run.awaitExit()).as(run.out() + run.err()).isZero();
        return run;
    }

    private static Map<String, String> settings(String options) {
        return Map.of("MUSTER_JAVA_OPTS", options, "MUSTER_BACKENDS_BASE_URI", "http://backends");
    }

    /** The classes of the last start with {@link #LOADED} that came from an archive or a cache. */
    private static List<String> archived() throws IOException {
        return Files.readAllLines(tree.resolve("loaded")).stream()
                .filter(line -> line.contains("source: shared objects file"))
                .toList();
    }

    @Test
    void trainingLeavesTheCacheAndNothingElse() {
        assertThat(training.err()).isEqualTo("muster: making the AOT cache, so that it starts in half the time\n");
        assertThat(left)
                .containsExactly("built", "lib", "muster.aot", "muster.aot.jars", "muster.aot.made", "muster.jar");
    }

    @Test
    void laterStartsTakeTheirClassesFromIt() throws IOException {
        check("-XX:AOTMode=on" + LOADED);

        List<String> cached = archived();

        for (Class<?> each : List.of(Main.class, ProfileRoutes.class, AdminRoutes.class, Http1Connection.class)) {
            assertThat(cached).anyMatch(line -> line.contains(" " + each.getName() + " "));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-XX:AOTMode=off", "-XX:+UseG1GC", "-XX:+UseParallelGC"})
    void optionsThatItGoesWithPrintNothing(String options) {
        assertThat(check(options).err()).isEmpty();
    }

    /** The JVM rejects the cache with any of these. Without the launcher it would lose its own archive too. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-XX:+UseZGC | it has compressed oops, which neither ZGC nor a heap above some 32 GB has",
                "-Xmx33g | it has compressed oops, which neither ZGC nor a heap above some 32 GB has",
                "-XX:-UseCompactObjectHeaders | The AOT cache's UseCompactObjectHeaders setting (enabled) does not",
                "--add-opens=java.base/java.lang=ALL-UNNAMED | Mismatched values for property jdk.module.addopens",
                "--enable-native-access=ALL-UNNAMED | Mismatched values for property jdk.module.enable.native.access",
                "-XX:StartFlightRecording -Xlog:jfr*=off | Mismatched values for property jdk.module.addmods: jdk.jfr"
            })
    void optionsThatItDoesNotGoWithStartOnTheJdksOwnArchiveAndSaySo(String options, String why) throws IOException {
        Run run = check(options + LOADED);

        assertThat(run.err())
                .startsWith(
                        "muster: starting without the AOT cache, which does not go with further JVM options: " + why)
                .hasLineCount(1);
        assertThat(archived()).hasSizeGreaterThan(300);
    }

    /** The JDKs of Debian and Oracle do not have Shenandoah. */
    @Test
    void shenandoahStartsOnIt() throws Exception {
        assumeThat(new ProcessBuilder(JDK.resolve("bin/java").toString(), "-XX:+UseShenandoahGC", "-version")
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.DISCARD)
                        .start()
                        .waitFor())
                .isZero();

        assertThat(check("-XX:+UseShenandoahGC").err()).isEmpty();
    }

    /** As in an image where a later layer added another library: there is no launcher to check. */
    @Test
    void jvmThatWouldRunOldCodeDoesNotStart() throws Exception {
        try (ChangedJar changed = ChangedJar.of(firstLibrary())) {
            Started started = start("-XX:AOTMode=on");
            assertThat(started.err())
                    .isEqualTo("muster: the AOT cache was made of another "
                            + changed.name()
                            + ", whose code would run: make it again, or leave it with the JVM option"
                            + " -XX:AOTMode=off\n");
            assertThat(started.exit()).isEqualTo(78);
            assertThat(start("-XX:AOTMode=off")).isEqualTo(new Started(0, ""));
        }
    }

    @Test
    void jvmThatRefusesItSaysWhyWithoutALauncher() throws Exception {
        String told = "muster: the JVM does not take the AOT cache " + launcher.file("muster.aot")
                + ", so that the start takes longer: ";

        assertThat(start("-XX:+UseZGC"))
                .isEqualTo(new Started(
                        0, told + "it has compressed oops, which neither ZGC nor a heap above some 32 GB has\n"));
        assertThat(start("--add-opens=java.base/java.lang=ALL-UNNAMED"))
                .isEqualTo(new Started(0, told + "it was made without --add-opens=java.base/java.lang=ALL-UNNAMED\n"));
        assertThat(start("")).isEqualTo(new Started(0, ""));
    }

    /** Some JVMs check the jars themselves. */
    @Test
    void jvmThatRefusesItForAnotherJarSaysWhich() throws Exception {
        try (ChangedJar changed = ChangedJar.of(firstLibrary())) {
            assertThat(start("--add-opens=java.base/java.lang=ALL-UNNAMED").err())
                    .endsWith(": it was made of another " + changed.name() + "\n");
        }
    }

    private record Started(int exit, String err) {}

    /** Starts java with the cache but without the launcher, as in the image. */
    private static Started start(String option) throws Exception {
        Path err = tree.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(
                JDK.resolve("bin/java").toString(),
                "@" + tree.resolve("service/java.options"),
                "-XX:AOTCache=" + launcher.file("muster.aot"),
                "-Xlog:aot*=off",
                option.isEmpty() ? "-Dnothing" : option,
                "-jar",
                launcher.file("muster.jar").toString(),
                "check");
        builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS") || name.startsWith("MUSTER_"));
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(settings(""));
        Process process = builder.redirectOutput(Redirect.DISCARD)
                .redirectError(err.toFile())
                .start();
        return new Started(Await.result(process.onExit()).exitValue(), Files.readString(err));
    }

    /** A jar with one byte more until it is closed. Its time does not change. */
    private record ChangedJar(Path jar, long size, FileTime time) implements AutoCloseable {
        static ChangedJar of(Path jar) throws IOException {
            ChangedJar changed = new ChangedJar(jar, Files.size(jar), Files.getLastModifiedTime(jar));
            Files.write(jar, new byte[1], StandardOpenOption.APPEND);
            Files.setLastModifiedTime(jar, changed.time);
            return changed;
        }

        /** The name in the cache's list. */
        String name() {
            return launcher.file("").relativize(jar).toString();
        }

        @Override
        public void close() throws IOException {
            try (FileChannel channel = FileChannel.open(jar, StandardOpenOption.WRITE)) {
                channel.truncate(size);
            }
            Files.setLastModifiedTime(jar, time);
        }
    }

    private static Path firstLibrary() throws IOException {
        try (Stream<Path> libraries = Files.list(launcher.file("lib"))) {
            return libraries.findFirst().orElseThrow();
        }
    }

    @Test
    void unreadableCacheIsOneLine() throws IOException {
        Path cache = launcher.file("muster.aot");
        byte[] whole = Files.readAllBytes(cache);
        try {
            Files.write(cache, List.of("no cache"));
            assertThat(check("").err())
                    .isEqualTo("muster: the JVM does not take the AOT cache " + cache
                            + ", so that the start takes longer: -Xlog:aot:stderr tells why\n");
        } finally {
            Files.write(cache, whole);
        }
    }
}
