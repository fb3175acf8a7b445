package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The garbage collector is the serial one, unless the user chooses another. */
class CollectorTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String OPTIONS =
            "@" + Path.of("java.options").toAbsolutePath().normalize();

    private static String run(Map<String, String> environment, String... options) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(JAVA);
        builder.command().addAll(List.of(options));
        builder.environment()
                .keySet()
                .removeIf(name -> name.endsWith("JAVA_OPTIONS") || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** By default a large machine would use G1, and a small one no second compiler. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "8"})
    void itIsTheSerialOneOnAnyMachineWithBothCompilers(String processors) throws IOException {
        String flags =
                run(Map.of(), OPTIONS, "-XX:ActiveProcessorCount=" + processors, "-XX:+PrintFlagsFinal", "-version");

        assertThat(flags)
                .containsPattern(" UseSerialGC +=  *true ")
                .containsPattern(" TieredStopAtLevel +=  *4 ")
                .containsPattern(" TieredCompilation +=  *true ");
    }

    /** The user's options may follow the file's, as {@code MUSTER_JAVA_OPTS} do, or precede them, as in the image. */
    @ParameterizedTest
    @ValueSource(strings = {"Serial", "Parallel", "G1", "Z", "Shenandoah"})
    void itIsTheOneThatTheUserNames(String collector) throws IOException {
        String option = "-XX:+Use" + collector + "GC";
        String alone = run(Map.of(), option, "-Xlog:gc:stdout:none", "-version");
        // Not every JDK has Shenandoah.
        assumeThat(alone).contains("Using ");
        String using = alone.lines()
                .filter(line -> line.startsWith("Using "))
                .findFirst()
                .orElseThrow();

        assertThat(run(Map.of(), OPTIONS, option, "-Xlog:gc:stdout:none", "-version"))
                .contains(using)
                .doesNotContain("warning");
        assertThat(run(Map.of("JDK_JAVA_OPTIONS", option), OPTIONS, "-Xlog:gc:stdout:none", "-version"))
                .contains(using)
                .doesNotContain("warning");
    }
}
