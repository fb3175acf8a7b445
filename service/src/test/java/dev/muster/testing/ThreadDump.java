package dev.muster.testing;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JVM's threads at one moment, virtual threads included, by their containers. */
public final class ThreadDump {
    private static final HotSpotDiagnosticMXBean VM =
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    private static final String SCOPE = "java.util.concurrent.StructuredTaskScope";

    private final JsonNode containers;

    private ThreadDump(JsonNode containers) {
        this.containers = containers;
    }

    /** Takes a dump now. */
    public static ThreadDump take() {
        try {
            Path directory = Files.createTempDirectory("thread-dump");
            Path file = directory.resolve("threads.json");
            try {
                VM.dumpThreads(file.toString(), ThreadDumpFormat.JSON);
                JsonNode containers =
                        JsonMapper.shared().readTree(Files.readString(file)).at("/threadDump/threadContainers");
                if (!containers.isArray() || containers.isEmpty()) {
                    throw new AssertionError("the thread dump differs in form from JDK 25's");
                }
                return new ThreadDump(containers);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The threads of all fan-outs by id, each with its stack, one frame a line. */
    public Map<String, String> threadsOfFanOuts() {
        Map<String, String> threads = new TreeMap<>();
        for (JsonNode container : containers) {
            if (container.path("container").asString().contains(SCOPE)) {
                container
                        .path("threads")
                        .forEach(thread -> threads.put(thread.path("tid").asString(), stack(thread)));
            }
        }
        return threads;
    }

    /** The number of threads with {@code name}, without those of fan-outs. */
    public long named(String name) {
        long count = 0;
        for (JsonNode container : containers) {
            for (JsonNode thread : container.path("threads")) {
                count += thread.path("name").asString().equals(name) ? 1 : 0;
            }
        }
        return count;
    }

    private static String stack(JsonNode thread) {
        StringBuilder stack = new StringBuilder();
        thread.path("stack").forEach(frame -> stack.append("\n    at ").append(frame.asString()));
        return stack.toString();
    }
}
