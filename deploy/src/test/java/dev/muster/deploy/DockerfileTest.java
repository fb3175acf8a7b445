package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.AppConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What of the image can be told without building it; deploy/image-check does the rest. */
class DockerfileTest {
    private static final String BACKENDS = """
        backends:
          user: {base-uri: http://users}
          posts: {base-uri: http://posts}
          friends: {base-uri: http://friends}
        """;

    private final List<String> start = Dockerfile.command(Dockerfile.last("ENTRYPOINT"));
    private final String check = Dockerfile.last("HEALTHCHECK");

    @Test
    void javaItselfIsStartedAndGetsTheSignalThatTheServiceStopsBy() {
        assertThat(start).first().isEqualTo("/opt/jre/bin/java");
        assertThat(start).endsWith("-jar", "/opt/muster/muster.jar");
        assertThat(Dockerfile.command(Dockerfile.last("CMD"))).containsExactly("serve");
        assertThat(Dockerfile.last("STOPSIGNAL")).isEqualTo("SIGTERM");
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
        assertThat(Dockerfile.last("USER")).matches("[1-9]\\d*:[1-9]\\d*");
    }

    @Test
    void itsVariablesAreKeysAndItsPortsTheDefaults() {
        AppConfig config = Loaded.config(BACKENDS, Dockerfile.environment(), Map.of());

        assertThat(config.server().host()).isEqualTo("0.0.0.0");
        assertThat(config.admin().host()).isEqualTo("0.0.0.0");
        assertThat(Dockerfile.last("EXPOSE"))
                .isEqualTo(config.server().port() + " " + config.admin().port());
    }

    @Test
    void everythingThatIsCopiedIsSentToTheBuild() throws IOException {
        List<String> sent = Files.readAllLines(Compose.REPOSITORY.resolve(".dockerignore")).stream()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList();
        List<String> copied = Dockerfile.all("COPY").stream()
                .filter(arguments -> !arguments.startsWith("--from="))
                .flatMap(arguments -> sources(arguments.split(" ")))
                .toList();

        assertThat(copied)
                .containsExactlyInAnyOrderElementsOf(sent)
                .allSatisfy(
                        source -> assertThat(Compose.REPOSITORY.resolve(source)).exists());
    }

    private static Stream<String> sources(String... arguments) {
        return Arrays.stream(arguments, 0, arguments.length - 1);
    }
}
