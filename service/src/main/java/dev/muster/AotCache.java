package dev.muster;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The AOT cache that this JVM was started with: whether it is used, and is of the jars that are there. The JVM may take one
 * whose jars were replaced, and run the old code; one that does not go with its options it refuses without a word, as
 * {@code -Xlog:aot*=off} silences what it says of good ones, too.
 *
 * <p>{@code build/aot.sh} lists beside the cache what that was made of: for each jar a line of its CRC-32, its size and its
 * name from the directory of the first. A cache without a list is taken for what it is.
 */
final class AotCache {
    private static final String MODE_OFF = "-XX:AOTMode=off";
    private static final String FILE = "-XX:AOTCache=";
    private static final int BUFFER = 64 << 10;

    /** What is known to make the JVM refuse a cache that was made without. */
    private static final List<String> REFUSING = List.of(
            "--add-",
            "--enable-native-access",
            "--limit-modules",
            "--patch-module",
            "-agentlib:jdwp",
            "-javaagent",
            "-Dcom.sun.management.jmxremote",
            "-XX:StartFlightRecording",
            "-XX:-UseCompactObjectHeaders");

    private final Path file;
    private final List<String> options;

    private AotCache(Path file, List<String> options) {
        this.file = file;
        this.options = options;
    }

    /** The cache that the JVM was told of; empty where there is none, or it was told to leave it. */
    static Optional<AotCache> ofThisJvm() {
        List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
        if (options.contains(MODE_OFF)) {
            return Optional.empty();
        }
        return options.stream()
                .filter(option -> option.startsWith(FILE))
                // the last one counts
                .reduce((_, last) -> last)
                .map(option -> new AotCache(Path.of(option.substring(FILE.length())), options));
    }

    /** Whether the JVM took it. One that is refused takes the place of the JDK's own archive all the same. */
    boolean isUsed() {
        return System.getProperty("java.vm.info", "").contains("sharing");
    }

    /** Why the JVM refused it, as far as that can be told. */
    String whyRefused() throws IOException {
        return "the JVM does not take the AOT cache " + file + ", so that the start takes longer: " + reason();
    }

    private String reason() throws IOException {
        if (!Files.isReadable(file)) {
            return "it cannot be read";
        }
        if (!hasCompressedOops()) {
            return "it has compressed oops, which neither ZGC nor a heap above some 32 GB has";
        }
        Optional<String> changed = changedJar();
        if (changed.isPresent()) {
            return "it was made of another " + changed.get();
        }
        return options.stream()
                .filter(option -> REFUSING.stream().anyMatch(option::startsWith))
                .findFirst()
                .map(option -> "it was made without " + option)
                .orElse("-Xlog:aot:stderr tells why");
    }

    private static boolean hasCompressedOops() {
        return Boolean.parseBoolean(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("UseCompressedOops")
                .getValue());
    }

    /**
     * Which of the jars that it was made of is another now, or gone; empty where none is.
     *
     * @throws IOException if the list of them cannot be read
     */
    Optional<String> changedJar() throws IOException {
        Path list = file.resolveSibling(file.getFileName() + ".jars");
        if (!Files.exists(list)) {
            return Optional.empty();
        }
        Path jar = Path.of(System.getProperty("java.class.path", "")).toAbsolutePath();
        for (String line : Files.readAllLines(list)) {
            String name = line.substring(line.lastIndexOf(' ') + 1);
            if (!line.equals(sum(jar.resolveSibling(name)) + " " + name)) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    /** CRC-32 and size, or why there are none. The JVM computes no other sum as fast before it is warm. */
    private static String sum(Path jar) {
        CRC32 crc = new CRC32();
        long size = 0;
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(jar)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
                size += read;
            }
        } catch (IOException e) {
            return e.toString();
        }
        return crc.getValue() + " " + size;
    }
}
