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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DefaultsTest {

    @Test
    void serverListensOnLoopback() throws Exception {
        assertThat(Loading.defaults().server())
                .isEqualTo(new ServerConfig("127.0.0.1", 8080, AutoValues.requestsThatFitTheHeap()));
    }

    @Test
    void adminListensOnLoopbackBesideTheServer() throws Exception {
        assertThat(Loading.defaults().admin()).isEqualTo(new AdminConfig("127.0.0.1", 8081, 100));
    }

    @Test
    void whatAClientMayHoldIsLimited() throws Exception {
        assertThat(Loading.defaults().connection())
                .isEqualTo(new ConnectionConfig(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        AutoValues.connectionsThatFit(),
                        Duration.ofMillis(200),
                        AutoValues.refusalsPerSecond()));
    }

    @Test
    void whoHasAConnectionIsNotRefusedForTheNumberOfRequests() throws Exception {
        AppConfig defaults = Loading.defaults();
        assertThat(defaults.connection().maxConnections())
                .isLessThanOrEqualTo(defaults.server().maxRequests());
    }

    @Test
    void everyBackendHasTheSameDefaultsButThatOnlyTheUserIsRequired() throws Exception {
        assertThat(Loading.defaults().backends())
                .allSatisfy((name, backend) -> assertThat(backend).isEqualTo(expected(name == BackendName.USER)))
                .containsOnlyKeys(BackendName.ALL);
    }

    @Test
    void deadlineIsOneSecond() throws Exception {
        assertThat(Loading.defaults().deadline())
                .isEqualTo(new DeadlineConfig(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMillis(10)));
    }

    @Test
    void handlingIsStrict() throws Exception {
        assertThat(Loading.defaults().handling()).isEqualTo(Handling.STRICT);
    }

    @Test
    void batchesAreLenientAndGetTenSeconds() throws Exception {
        assertThat(Loading.defaults().bulk())
                .isEqualTo(new BulkConfig(
                        Handling.LENIENT,
                        16,
                        1000,
                        50_000,
                        AutoValues.bytesThatBatchesMayBuffer(),
                        70,
                        new DeadlineConfig(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMillis(10))));
    }

    @Test
    void aStopFitsIntoTheTenSecondsOfDockerStop() throws Exception {
        ShutdownConfig shutdown = Loading.defaults().shutdown();
        assertThat(shutdown)
                .isEqualTo(new ShutdownConfig(
                        Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(7), Duration.ofSeconds(1)));
        assertThat(shutdown.inAll()).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void logIsText() throws Exception {
        assertThat(Loading.defaults().log())
                .isEqualTo(new LogConfig(LogFormat.TEXT, AutoValues.bytesOfLogThatMayWait(), Duration.ofSeconds(30)));
    }

    @Test
    void demoListensOn9100() throws Exception {
        assertThat(Loading.defaults().demo()).isEqualTo(new DemoConfig("127.0.0.1", 9100));
    }

    private static BackendConfig expected(boolean required) {
        return new BackendConfig(
                URI.create("http://backends.example"),
                Duration.ofMillis(800),
                256,
                10_000,
                Duration.ofSeconds(30),
                1_048_576,
                required,
                List.of(),
                Optional.empty(),
                new Secret(""),
                Duration.ofSeconds(30),
                0);
    }
}
