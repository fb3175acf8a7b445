package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EffectiveTest {

    @TempDir
    Path directory;

    @Test
    void everyKeyIsListedInTheOrderOfApplicationYaml() throws Exception {
        List<String> lines =
                ConfigLoader.load(null, Map.of(), Loading.BASE_URIS).effective();
        assertThat(lines)
                .extracting(line -> line.substring(0, line.indexOf(':')))
                .containsSubsequence(ApplicationYamlTest.keys())
                .contains("backends.base-uri")
                .hasSize(ApplicationYamlTest.keys().size() + 1);
    }

    @Test
    void aDefaultIsListedWithoutItsOrigin() throws Exception {
        assertThat(ConfigLoader.load(null, Map.of(), Loading.BASE_URIS).effective())
                .contains("server.port: 8080", "backends.trust-store: \"\"", "deadline.reserve: PT0.01S");
    }

    @Test
    void whatTheMachineDecidesIsListedWithWhatItDecided() throws Exception {
        assertThat(ConfigLoader.load(null, Map.of(), Loading.BASE_URIS).effective())
                .contains(
                        "server.max-requests: auto (" + AutoValues.requestsThatFitTheHeap() + ")",
                        "connection.max-connections: auto (" + AutoValues.connectionsThatFit() + ")",
                        "connection.refusals-per-second: auto (" + AutoValues.refusalsPerSecond() + ")",
                        "log.max-queued-bytes: auto (" + AutoValues.bytesOfLogThatMayWait() + ")");
    }

    @Test
    void whatIsNoDefaultIsListedWithItsOrigin() throws Exception {
        Path file = Loading.write(directory, "admin:\n  port: 9001\nbackends.user.forward-headers: [A, B]\n");
        Map<String, String> environment = Map.of("MUSTER_SERVER_PORT", "8090");
        assertThat(ConfigLoader.load(file, environment, Loading.BASE_URIS).effective())
                .contains(
                        "server.port: 8090  # environment MUSTER_SERVER_PORT",
                        "admin.port: 9001  # FILE " + file + ", line 2",
                        "backends.user.forward-headers: A,B  # FILE " + file + ", line 3",
                        "backends.base-uri: http://backends.example  # override");
    }
}
