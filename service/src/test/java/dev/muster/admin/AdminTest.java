package dev.muster.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints of the admin port. */
class AdminTest {
    private static Service service;

    @BeforeAll
    static void start() {
        service = Service.start(Backends.fresh().baseUri());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static RawConnection.Response ask(String method, String path) {
        try (RawConnection connection = new RawConnection(service.adminPort())) {
            connection.send(method, path);
            return connection.read(method);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/health/started"})
    void aServiceThatHasStartedIsWell(String path) {
        RawConnection.Response response = service.admin(path);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.body()).isEqualTo("{\"status\":\"UP\"}");
    }

    @Test
    void metricsAreInPrometheusTextForm() {
        RawConnection.Response response = service.admin("/metrics");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body()).startsWith("# HELP ").endsWith("\n");
    }

    @Test
    void metricsAreSentToAScraperThatAsksForOtherFormsToo() {
        String accept =
                "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";

        assertThat(service.admin("/metrics", accept).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/health", "/health/live/", "/profiles/ada", "/openapi"})
    void otherPathsLeadNowhere(String path) {
        RawConnection.Response response = service.admin(path);

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/unknown-path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/health/started", "/metrics", "/requests"})
    void nothingCanBeChanged(String path) {
        RawConnection.Response response = ask("POST", path);

        assertThat(response.status()).isEqualTo(405);
        assertThat(response.header("Allow")).isEqualTo("GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/health/started", "/metrics"})
    void headIsAnsweredWithoutABody(String path) {
        try (RawConnection connection = new RawConnection(service.adminPort())) {
            connection.send("HEAD", path);
            connection.send("GET", "/health/live");

            assertThat(connection.read("HEAD").status()).isEqualTo(200);
            assertThat(connection.read("GET").body()).isEqualTo("{\"status\":\"UP\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/health/started", "/metrics"})
    void thePublicPortServesNoneOfIt(String path) {
        assertThat(service.get(path).status()).isEqualTo(404);
    }

    @Test
    void aProbeIsNotWorthALineAtInfo() {
        try (CapturedLog log = new CapturedLog(Level.FINE)) {
            CapturedLog.Line line = log.line(service.admin("/health/live"));

            assertThat(line.record().getLevel()).isEqualTo(Level.FINE);
            assertThat(line.fields()).containsEntry("path", "/health/live").containsEntry("status", 200);
        }
    }

    @Test
    void requestsToThisPortAreNotCounted() {
        try (Service quiet = Service.start(Backends.fresh().baseUri())) {
            quiet.admin("/health/live");
            quiet.admin("/nowhere");

            assertThat(quiet.admin("/metrics").body()).doesNotContain("http_server_request_duration_seconds_count");
        }
    }
}
