package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.App;
import dev.muster.config.AppConfig;
import dev.muster.logging.LogWriter;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sends the probes and checks of the chart to the service, with the chart's own configuration. */
class ChartProbesTest {
    private static final Manifests MANIFESTS = Chart.all();
    private static final AppConfig CONFIG = Loaded.config(MANIFESTS);

    private static App app;

    @BeforeAll
    static void start() throws IOException {
        AppConfig config = Loaded.config(
                MANIFESTS,
                Map.of(
                        "MUSTER_SERVER_HOST", "127.0.0.1",
                        "MUSTER_SERVER_PORT", "0",
                        "MUSTER_ADMIN_HOST", "127.0.0.1",
                        "MUSTER_ADMIN_PORT", "0",
                        "MUSTER_SHUTDOWN_LAME_DUCK", "PT0S",
                        "MUSTER_SHUTDOWN_LINGER", "PT0S"));
        WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream());
        app = App.start(config, LogWriter.start(nowhere, new SimpleFormatter(), 1 << 16), _ -> {});
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    static List<Probe> probes() {
        var container = MANIFESTS.container();
        return List.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe());
    }

    @ParameterizedTest
    @MethodSource("probes")
    void theServiceAnswersTheProbe(Probe probe) throws IOException {
        String port = probe.getHttpGet().getPort().getStrVal();

        assertThat(status(MANIFESTS.port(port), probe.getHttpGet().getPath())).isEqualTo(200);
    }

    @Test
    void prometheusFindsTheMetrics() throws IOException {
        var endpoint = MANIFESTS.the(ServiceMonitor.class).spec().endpoints().getFirst();
        var port = MANIFESTS.service("muster-admin").getSpec().getPorts().stream()
                .filter(candidate -> candidate.getName().equals(endpoint.port()))
                .findAny()
                .orElseThrow();

        assertThat(status(MANIFESTS.port(port.getTargetPort().getStrVal()), endpoint.path()))
                .isEqualTo(200);
    }

    @Test
    void clientsFindTheService() throws IOException {
        var port = MANIFESTS.service("muster").getSpec().getPorts().getFirst();

        assertThat(status(MANIFESTS.port(port.getTargetPort().getStrVal()), "/openapi"))
                .isEqualTo(200);
    }

    @Test
    void eachProbeAsksForWhatItIsAbout() {
        assertThat(probes())
                .extracting(probe -> probe.getHttpGet().getPath())
                .containsExactly("/health/started", "/health/ready", "/health/live");
    }

    @Test
    void aLateAnswerIsNoFailureAndABusyPodIsNotKilled() {
        var container = Chart.least().container();

        assertThat(List.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe()))
                .allSatisfy(probe -> assertThat(probe.getTimeoutSeconds()).isEqualTo(5));
        assertThat(untilFailed(container.getLivenessProbe())).isGreaterThanOrEqualTo(60);
        assertThat(untilFailed(container.getReadinessProbe())).isLessThanOrEqualTo(10);
        assertThat(untilFailed(container.getStartupProbe())).isGreaterThanOrEqualTo(30);
        assertThat(container.getStartupProbe().getPeriodSeconds()).isEqualTo(1);
    }

    @Test
    void theTimesAreThoseOfTheValues() {
        Probe probe = Chart.with("probes: {readiness: {periodSeconds: 3, timeoutSeconds: 2, failureThreshold: 4}}")
                .container()
                .getReadinessProbe();

        assertThat(probe.getPeriodSeconds()).isEqualTo(3);
        assertThat(probe.getTimeoutSeconds()).isEqualTo(2);
        assertThat(probe.getFailureThreshold()).isEqualTo(4);
    }

    private static int untilFailed(Probe probe) {
        return probe.getPeriodSeconds() * probe.getFailureThreshold();
    }

    /** Asks the port that has this number in the pod. */
    private static int status(int portInThePod, String path) throws IOException {
        Map<Integer, Integer> served =
                Map.of(CONFIG.server().port(), app.port(), CONFIG.admin().port(), app.adminPort());
        assertThat(served).containsKey(portInThePod);
        int port = served.get(portInThePod);
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }
}
