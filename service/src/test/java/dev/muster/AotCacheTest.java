package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.admin.AdminRoutes;
import dev.muster.profile.ProfileRoutes;
import dev.muster.testing.Launcher;
import dev.muster.testing.Launcher.Run;
import io.helidon.webserver.http1.Http1Connection;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes.Name;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The AOT cache that {@code ./run} makes, as the real JVM takes it. */
class AotCacheTest {
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    @TempDir
    private static Path tree;

    private static Launcher launcher;
    private static Run training;

    @BeforeAll
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
    }

    @AfterAll
    static void end() {
        launcher.close();
    }

    /** A JVM takes no class from a cache that was made of directories. */
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

    private static Run help(String options) {
        Run run = launcher.start(JDK, Map.of("MUSTER_JAVA_OPTS", options), "--help");
        assertThat(run.awaitExit()).as(run.out() + run.err()).isZero();
        return run;
    }

    @Test
    void trainingLeavesTheCacheAndNothingElse() {
        assertThat(training.err()).isEqualTo("muster: making the AOT cache, so that it starts in half the time\n");
        assertThat(launcher.files()).containsExactly("built", "lib", "muster.aot", "muster.aot.jdk", "muster.jar");
    }

    @Test
    void laterStartsTakeTheirClassesFromIt() throws IOException {
        Path log = tree.resolve("loaded");
        help("-XX:AOTMode=on -Xlog:class+load:file=" + log);

        List<String> cached = Files.readAllLines(log).stream()
                .filter(line -> line.contains("source: shared objects file"))
                .toList();
        for (Class<?> each : List.of(Main.class, ProfileRoutes.class, AdminRoutes.class, Http1Connection.class)) {
            assertThat(cached).anyMatch(line -> line.contains(" " + each.getName() + " "));
        }
    }

    /** Some of these the cache goes with, others not; the user need not know. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xmx64m",
                "-XX:AOTMode=off",
                "-Xshare:off",
                "-XX:-UseSerialGC -XX:+UseG1GC",
                "-XX:-UseSerialGC -XX:+UseZGC",
                "-XX:-UseCompactObjectHeaders",
                "--add-opens=java.base/java.lang=ALL-UNNAMED"
            })
    void otherOptionsPrintNothing(String options) {
        Run run = help(options);

        assertThat(run.out()).isEqualTo(training.out());
        assertThat(run.err()).isEmpty();
    }

    @Test
    void brokenCachePrintsNothing() throws IOException {
        Path cache = launcher.file("muster.aot");
        byte[] whole = Files.readAllBytes(cache);
        try {
            Files.write(cache, List.of("no cache"));
            assertThat(help("").out()).isEqualTo(training.out());
        } finally {
            Files.write(cache, whole);
        }
    }
}
