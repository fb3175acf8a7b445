package dev.muster.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The libraries' classes in the form that a JVM maps (class data sharing, JEP 310). With this archive, a test's process
 * needs two thirds of the processor time until its first answer. The first test that needs the archive creates it,
 * once, in target.
 *
 * <p>It contains jars only, and they must come first in the class path. A JVM with options that do not fit starts
 * without it.
 */
final class ClassArchive {
    private static final String ALL =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    private static final String JARS = entries(entry -> entry.endsWith(".jar"));
    private static final String DIRECTORIES = entries(entry -> !entry.endsWith(".jar"));
    private static final Path OPTIONS = Path.of("java.options");
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    private ClassArchive() {}

    /** The class path of the tests, in an order that fits the archive. */
    static String classPath() {
        return JARS + ":" + DIRECTORIES;
    }

    private static String entries(Predicate<String> chosen) {
        return String.join(":", Stream.of(ALL.split(":", -1)).filter(chosen).toList());
    }

    /** The options of a JVM that uses the archive. */
    static List<String> options() {
        return List.of("-XX:SharedArchiveFile=" + Made.FILE, "-Xlog:cds*=off", "-Xlog:aot*=off");
    }

    /** Created on first use. */
    private static final class Made {
        static final Path FILE = make();
    }

    private static Path make() {
        try {
            Files.createDirectories(TARGET);
            String made = Runtime.version() + JARS + Files.readString(OPTIONS);
            Path file = TARGET.resolve(
                    "libraries-" + UUID.nameUUIDFromBytes(made.getBytes(StandardCharsets.UTF_8)) + ".jsa");
            // The test classes run in several JVMs. Only one creates the archive.
            try (FileChannel channel = FileChannel.open(
                            TARGET.resolve("libraries.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                if (Files.notExists(file)) {
                    dump(file);
                }
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void dump(Path file) throws IOException {
        Path classes = TARGET.resolve("libraries.classes");
        Path fresh = TARGET.resolve("libraries.fresh");
        listClasses(classes);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + OPTIONS,
                        "-Xshare:dump",
                        "-XX:SharedClassListFile=" + classes,
                        "-XX:SharedArchiveFile=" + fresh,
                        "-cp",
                        JARS)
                .redirectErrorStream(true)
                .redirectOutput(TARGET.resolve("libraries.log").toFile())
                .start();
        if (Await.result(process.onExit()).exitValue() != 0) {
            throw new AssertionError(Files.readString(TARGET.resolve("libraries.log")));
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Lists the classes that a service has loaded after one answer. */
    private static void listClasses(Path list) {
        try (ServiceProcess service = ServiceProcess.launch("demo")
                        .withoutArchive()
                        .java("-XX:DumpLoadedClassList=" + list)
                        .start();
                RawConnection client = new RawConnection(service.port())) {
            client.send("GET", "/profiles/ada");
            client.read("GET");
            service.admin("/metrics");
            service.signal("TERM");
            service.awaitExit();
        }
    }
}
