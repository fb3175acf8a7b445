package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.AppConfig.AdminConfig;
import dev.muster.config.AppConfig.BackendConfig;
import dev.muster.config.AppConfig.BulkConfig;
import dev.muster.config.AppConfig.ConnectionConfig;
import dev.muster.config.AppConfig.DeadlineConfig;
import dev.muster.config.AppConfig.DemoConfig;
import dev.muster.config.AppConfig.LogConfig;
import dev.muster.config.AppConfig.LogFormat;
import dev.muster.config.AppConfig.ServerConfig;
import dev.muster.config.AppConfig.ShutdownConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every key is mapped: the tests set each to a value other than its default. */
class MappingTest {

    @TempDir
    Path directory;

    private Path trustStore = Path.of("");
    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void setEveryKey() throws Exception {
        trustStore = Files.writeString(directory.resolve("trust.pem"), Loading.pem());
        settings.put("server.host", "0.0.0.0");
        settings.put("server.port", "18080");
        settings.put("server.max-requests", "77");
        settings.put("admin.host", "::1");
        settings.put("admin.port", "18081");
        settings.put("admin.kept-requests", "7");
        setBackends("", 0);
        BackendName.ALL.forEach(backend -> setBackends(backend.label() + ".", 1 + BackendName.ALL.indexOf(backend)));
        settings.put("connection.head-timeout", "PT11S");
        settings.put("connection.body-timeout", "PT12S");
        settings.put("connection.write-timeout", "PT13S");
        settings.put("connection.idle-timeout", "PT14S");
        settings.put("connection.max-connections", "55");
        settings.put("connection.client-gone-after", "PT0.07S");
        settings.put("connection.refusals-per-second", "88");
        settings.put("deadline.default", "PT2S");
        settings.put("deadline.max", "PT20S");
        settings.put("deadline.reserve", "PT0.02S");
        settings.put("bulk.handling", "strict");
        settings.put("bulk.workers", "9");
        settings.put("bulk.max-ids", "123");
        settings.put("bulk.max-queued", "4567");
        settings.put("bulk.max-buffered-bytes", "1234567");
        settings.put("bulk.backend-share", "60");
        settings.put("bulk.deadline.default", "PT5S");
        settings.put("bulk.deadline.max", "PT50S");
        settings.put("handling", "lenient");
        settings.put("shutdown.lame-duck", "PT3S");
        settings.put("shutdown.linger", "PT4S");
        settings.put("shutdown.drain", "PT25S");
        settings.put("shutdown.cancel", "PT1.5S");
        settings.put("log.format", "json");
        settings.put("log.max-queued-bytes", "99999");
        settings.put("log.stuck-after", "PT8S");
        settings.put("demo.host", "127.0.0.9");
        settings.put("demo.port", "19100");
    }

    @Test
    void theSettingsAreAllThereAre() {
        assertThat(settings.keySet()).isEqualTo(Keys.KNOWN.keySet());
    }

    @Test
    void everyKeyIsReadFromTheFile() throws Exception {
        // Dotted names mean the same keys.
        String yaml = settings.entrySet().stream()
                .map(entry -> entry.getKey() + ": '" + entry.getValue() + "'\n")
                .collect(Collectors.joining());
        assertThat(ConfigLoader.load(Loading.write(directory, yaml), Map.of(), Map.of())
                        .config())
                .isEqualTo(expected());
    }

    @Test
    void everyKeyIsReadFromTheEnvironment() throws Exception {
        Map<String, String> environment = settings.entrySet().stream()
                .collect(Collectors.toMap(entry -> Loading.variable(entry.getKey()), Map.Entry::getValue));
        assertThat(ConfigLoader.load(null, environment, Map.of()).config()).isEqualTo(expected());
    }

    @Test
    void everyKeyIsReadFromTheOverrides() throws Exception {
        assertThat(ConfigLoader.load(null, Map.of(), settings).config()).isEqualTo(expected());
    }

    @Test
    void nestedYamlIsRead() throws Exception {
        AppConfig config = Loading.file(Loading.write(directory, """
            backends:
              posts:
                base-uri: https://posts.internal:8443/v1
                forward-headers:
                  - Authorization
                  - Accept-Language
                timeout: PT0.3S
            log: {format: json}
            """));
        assertThat(config.backends().get(BackendName.POSTS).baseUri())
                .isEqualTo(URI.create("https://posts.internal:8443/v1"));
        assertThat(config.backends().get(BackendName.POSTS).forwardHeaders())
                .containsExactly("Authorization", "Accept-Language");
        assertThat(config.backends().get(BackendName.POSTS).timeout()).isEqualTo(Duration.ofMillis(300));
        assertThat(config.log().format()).isEqualTo(LogFormat.JSON);
    }

    @Test
    void aListMayBeATextWithCommas() throws Exception {
        AppConfig config =
                Loading.environment(Map.of("MUSTER_BACKENDS_USER_FORWARD_HEADERS", "Authorization , Accept-Language"));
        assertThat(config.backends().get(BackendName.USER).forwardHeaders())
                .containsExactly("Authorization", "Accept-Language");
    }

    @Test
    void theEmptyTextIsAValue() throws Exception {
        Path file = Loading.write(directory, "backends.user.forward-headers: [Authorization]\n");
        AppConfig config = ConfigLoader.load(
                        file, Map.of("MUSTER_BACKENDS_USER_FORWARD_HEADERS", ""), Loading.BASE_URIS)
                .config();
        assertThat(config.backends().get(BackendName.USER).forwardHeaders()).isEmpty();
    }

    @Test
    void referencesInValuesAreNotResolved() throws Exception {
        AppConfig config =
                Loading.environment(Map.of("MUSTER_BACKENDS_USER_TRUST_STORE_PASSWORD", "a${server.port}\\,b"));
        assertThat(config.backends().get(BackendName.USER).trustStorePassword().reveal())
                .isEqualTo("a${server.port}\\,b");
    }

    @Test
    void theBaseUriLosesItsLastSlash() throws Exception {
        AppConfig config = Loading.environment(Map.of("MUSTER_BACKENDS_USER_BASE_URI", "http://[::1]:9000/api/"));
        assertThat(config.backends().get(BackendName.USER).baseUri()).isEqualTo(URI.create("http://[::1]:9000/api"));
    }

    private void setBackends(String backend, int n) {
        String prefix = "backends." + backend;
        settings.put(prefix + "base-uri", "https://internal:844" + n + "/v" + n);
        settings.put(prefix + "timeout", "PT0." + (1 + n) + "S");
        settings.put(prefix + "max-connections", "1" + n);
        settings.put(prefix + "max-waiting", "2" + n);
        settings.put(prefix + "idle-timeout", "PT" + (1 + n) + "M");
        settings.put(prefix + "max-body", "300" + n);
        settings.put(prefix + "required", Boolean.toString(isRequired(n)));
        settings.put(prefix + "forward-headers", "Authorization,X-" + n);
        settings.put(prefix + "trust-store", trustStore.toString());
        settings.put(prefix + "trust-store-password", "secret" + n);
        settings.put(prefix + "dns-refresh", "PT" + (1 + n) + "S");
        settings.put(prefix + "bulk-rate-limit", "10" + n);
    }

    /** False for the second backend only. */
    private static boolean isRequired(int n) {
        return n != 2;
    }

    private AppConfig expected() {
        return new AppConfig(
                BackendName.ALL.stream()
                        .collect(Collectors.toMap(name -> name, name -> backend(1 + BackendName.ALL.indexOf(name)))),
                new ServerConfig("0.0.0.0", 18080, 77),
                new AdminConfig("::1", 18081, 7),
                new ConnectionConfig(
                        Duration.ofSeconds(11),
                        Duration.ofSeconds(12),
                        Duration.ofSeconds(13),
                        Duration.ofSeconds(14),
                        55,
                        Duration.ofMillis(70),
                        88),
                new DeadlineConfig(Duration.ofSeconds(2), Duration.ofSeconds(20), Duration.ofMillis(20)),
                Handling.LENIENT,
                new BulkConfig(
                        Handling.STRICT,
                        9,
                        123,
                        4567,
                        1_234_567,
                        60,
                        new DeadlineConfig(Duration.ofSeconds(5), Duration.ofSeconds(50), Duration.ofMillis(20))),
                new ShutdownConfig(
                        Duration.ofSeconds(3), Duration.ofSeconds(4), Duration.ofSeconds(25), Duration.ofMillis(1500)),
                new LogConfig(LogFormat.JSON, 99_999, Duration.ofSeconds(8)),
                new DemoConfig("127.0.0.9", 19100));
    }

    private BackendConfig backend(int n) {
        return new BackendConfig(
                URI.create("https://internal:844" + n + "/v" + n),
                Duration.ofMillis(100L * (1 + n)),
                10 + n,
                20 + n,
                Duration.ofMinutes(1 + n),
                3000 + n,
                isRequired(n),
                List.of("Authorization", "X-" + n),
                Optional.of(trustStore),
                new Secret("secret" + n),
                Duration.ofSeconds(1 + n),
                100 + n);
    }
}
