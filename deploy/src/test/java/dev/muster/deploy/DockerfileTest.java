package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.AppConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Properties of the image that need no build; deploy/image-check tests the rest. */
class DockerfileTest {
    private final Dockerfile file = Dockerfile.ofTheService();
    private final List<String> start = Dockerfile.command(file.last("ENTRYPOINT"));
    private final String check = file.last("HEALTHCHECK");

    @Test
    void javaItselfIsStartedAndGetsTheSignalThatTheServiceStopsBy() {
        assertThat(start).first().isEqualTo("/opt/jre/bin/java");
        assertThat(start).endsWith("-jar", "/opt/muster/muster.jar");
        assertThat(Dockerfile.command(file.last("CMD"))).containsExactly("serve");
        assertThat(file.last("STOPSIGNAL")).isEqualTo("SIGTERM");
    }

    @Test
    void theHealthCheckIsTheServicesOwnOnTheSameCacheEvery30Seconds() {
        List<String> probe = Dockerfile.command(check.substring(check.indexOf("CMD ") + 4));

        assertThat(check).contains("--interval=30s");
        assertThat(probe).startsWith(start.getFirst(), start.get(1)).contains("-XX:AOTCache=/opt/muster/muster.aot");
        assertThat(start).contains("-XX:AOTCache=/opt/muster/muster.aot");
        assertThat(probe).endsWith("-jar", "/opt/muster/muster.jar", "probe");
    }

    @Test
    void itIsNobodyByNumberSoThatKubernetesCanTell() {
        assertThat(file.last("USER")).matches("[1-9]\\d*:[1-9]\\d*");
    }

    @Test
    void itsVariablesAreKeysAndItsPortsTheDefaults() {
        AppConfig config = Loaded.config("backends.base-uri: http://backends", file.environment(), Map.of());

        assertThat(config.server().host()).isEqualTo("0.0.0.0");
        assertThat(config.admin().host()).isEqualTo("0.0.0.0");
        assertThat(file.last("EXPOSE"))
                .isEqualTo(config.server().port() + " " + config.admin().port());
    }

    @Test
    void everythingThatIsCopiedIsSentToTheBuild() {
        assertThat(file.copied())
                .containsExactlyInAnyOrderElementsOf(Dockerfile.sent(Compose.REPOSITORY.resolve(".dockerignore")))
                .allSatisfy(
                        source -> assertThat(Compose.REPOSITORY.resolve(source)).exists());
    }

    /** Only the service itself can notice that a later layer changed the jars. */
    @Test
    void theCacheComesWithTheListOfWhatItWasMadeOf() {
        assertThat(file.last("COPY")).contains(" /opt/muster/muster.aot ", " /opt/muster/muster.aot.jars ");
    }

    /** With a larger heap the JVM would give up compressed oops, and with them the cache. */
    @Test
    void theHeapOfALargeMachineEndsWhereTheCacheDoes() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        start.stream().filter(option -> option.matches("-XX:.*(RAM|Oops).*")).forEach(command::add);
        // As on a machine with that much memory, which the JVM does not touch.
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:MaxRAM=256g", "-XX:+PrintFlagsFinal", "-version"));
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String flags = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(flags)
                .containsPattern(" UseCompressedOops +=  *true ")
                .containsPattern(" MaxHeapSize +=  *32\\d{9} ")
                .doesNotContain("warning");
    }
}
