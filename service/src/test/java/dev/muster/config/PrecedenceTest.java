package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.AppConfig.ServerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecedenceTest {

    @TempDir
    Path directory;

    private final Map<String, String> overrides = new HashMap<>(Loading.BASE_URIS);

    @BeforeEach
    void overrideThePort() {
        overrides.put("server.port", "3000");
    }

    @Test
    void overridesComeBeforeDefaults() throws Exception {
        assertThat(ConfigLoader.load(null, Map.of(), overrides)
                        .config()
                        .server()
                        .port())
                .isEqualTo(3000);
    }

    @Test
    void theFileComesBeforeOverrides() throws Exception {
        Path file = Loading.write(directory, "server.port: 2000\n");
        assertThat(ConfigLoader.load(file, Map.of(), overrides)
                        .config()
                        .server()
                        .port())
                .isEqualTo(2000);
    }

    @Test
    void theEnvironmentComesBeforeTheFile() throws Exception {
        Path file = Loading.write(directory, "server.port: 2000\n");
        Map<String, String> environment = Map.of("MUSTER_SERVER_PORT", "1000");
        assertThat(ConfigLoader.load(file, environment, overrides)
                        .config()
                        .server()
                        .port())
                .isEqualTo(1000);
    }

    @Test
    void aLayerHidesNoOtherKeyOfItsSection() throws Exception {
        Path file = Loading.write(directory, "server: {host: localhost}\n");
        assertThat(ConfigLoader.load(file, Map.of("MUSTER_ADMIN_PORT", "1"), overrides)
                        .config()
                        .server())
                .extracting(ServerConfig::host, ServerConfig::port)
                .containsExactly("localhost", 3000);
    }

    @Test
    void theKeyForAllBackendsCountsForEach() throws Exception {
        assertThat(Loading.environment(Map.of("MUSTER_BACKENDS_TIMEOUT", "PT2S"))
                        .backends())
                .hasSameSizeAs(BackendName.ALL)
                .allSatisfy((_, backend) -> assertThat(backend.timeout()).isEqualTo(Duration.ofSeconds(2)));
    }

    /** Even from a lower source: application.yaml requires the user, though the environment requires no backend. */
    @Test
    void theKeyOfOneBackendComesBeforeTheKeyForAll() throws Exception {
        Path file = Loading.write(directory, "backends: {posts: {timeout: PT3S}}\n");
        Map<String, String> environment =
                Map.of("MUSTER_BACKENDS_TIMEOUT", "PT2S", "MUSTER_BACKENDS_REQUIRED", "false");
        AppConfig config =
                ConfigLoader.load(file, environment, Loading.BASE_URIS).config();
        assertThat(config.backends())
                .allSatisfy((name, backend) ->
                        assertThat(backend.timeout()).isEqualTo(Duration.ofSeconds(name == BackendName.POSTS ? 3 : 2)));
        assertThat(config.backends().get(BackendName.USER).required()).isTrue();
    }

    @Test
    void aViolationNamesTheKeyThatIsSet() {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_TRUST_STORE", directory.toString())))
                .singleElement()
                .asString()
                .startsWith("backends.trust-store: " + directory);
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_TIMEOUT", "2s")))
                .singleElement()
                .asString()
                .startsWith("backends.timeout: 2s (environment MUSTER_BACKENDS_TIMEOUT): must be");
    }

    @Test
    void systemPropertiesAreNoLayer() throws Exception {
        System.setProperty("server.port", "4000");
        try {
            assertThat(Loading.defaults().server().port()).isEqualTo(8080);
        } finally {
            System.clearProperty("server.port");
        }
    }
}
