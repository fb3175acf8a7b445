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
 * The AOT cache of this JVM: whether it is in use, and whether it fits the jars. After a change of the jars, the JVM may
 * still use their old code. A cache that does not fit its options, it ignores in silence: {@code -Xlog:aot*=off} hides
 * messages about good caches, too.
 *
 * <p>{@code build/aot.sh} lists the jars beside the cache: a line with the CRC-32, the size and the name of each, relative
 * to the directory of the first. A cache without a list is not checked.
 */
final class AotCache {
    private static final String MODE_OFF = "-XX:AOTMode=off";
    private static final String FILE = "-XX:AOTCache=";
    private static final int BUFFER = 64 << 10;

    /** Options after which the JVM ignores a cache made without them. */
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

    /** The cache in the JVM's options; empty if there is none or {@code AOTMode} is off. */
    static Optional<AotCache> ofThisJvm() {
        List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
        if (options.contains(MODE_OFF)) {
            return Optional.empty();
        }
        return options.stream()
                .filter(option -> option.startsWith(FILE))
                // The last one counts.
                .reduce((_, last) -> last)
                .map(option -> new AotCache(Path.of(option.substring(FILE.length())), options));
    }

    /** Whether the JVM uses the cache. If not, it does not use the JDK's own archive either. */
    boolean isUsed() {
        return System.getProperty("java.vm.info", "").contains("sharing");
    }

    /** Why the JVM ignored the cache, as far as that is known. */
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
     * A jar that is gone, or has changed since the cache was made; empty if there is none.
     *
     * @throws IOException if the list of the jars cannot be read
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

    /** CRC-32 and size, or the error. No other checksum is as fast in a cold JVM. */
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
