package dev.muster;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Backends;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import dev.muster.testing.ServiceProcess;
import dev.muster.testing.ServiceProcess.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process with the variables that Kubernetes adds for Services called {@code muster} and {@code muster-server}. */
class ServiceLinksProcessTest {
    private static Launch launch(String command) {
        Launch launch = ServiceProcess.launch(command);
        for (String service : new String[] {"", "server."}) {
            launch.set(service + "service.host", "10.96.3.7")
                    .set(service + "service.port", "80")
                    .set(service + "service.port.http", "80")
                    .set(service + "port", "tcp://10.96.3.7:80")
                    .set(service + "port.80.tcp", "tcp://10.96.3.7:80")
                    .set(service + "port.80.tcp.proto", "tcp")
                    .set(service + "port.80.tcp.port", "80")
                    .set(service + "port.80.tcp.addr", "10.96.3.7");
        }
        return launch;
    }

    private static void assertWarned(ServiceProcess process) {
        assertThat(process.err())
                .containsExactly("muster: passed over the 16 variables that Kubernetes makes of the Services muster,"
                        + " muster-server, such as MUSTER_SERVER_PORT; enableServiceLinks: false in the pod's spec"
                        + " keeps them out");
    }

    /** Kubernetes' variable replaces MUSTER_SERVER_PORT, so the port is in a file, as in the chart. */
    @ParameterizedTest
    @ValueSource(strings = {"serve", "demo"})
    void itServesAndWarnsOnce(String command, @TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("muster.yaml"), "server.port: 0\n");
        try (FakeBackend backends = FakeBackend.start(Call::answerWell);
                ServiceProcess service = launch(command)
                        .backends(backends.baseUri())
                        .arguments("--config", file.toString())
                        .start()
                        .awaitServing()) {
            try (RawConnection client = new RawConnection(service.port())) {
                client.send("GET", "/profiles/ada");
                assertProfile(client.read("GET"), "ada");
            }
            service.signal("TERM");
            assertThat(service.awaitExit()).isZero();
            assertWarned(service);
        }
    }

    @Test
    void probeFindsTheServiceAndWarns() {
        try (Service service = Service.start(Backends.fresh().baseUri());
                ServiceProcess probe = launch("probe")
                        .set("admin.port", Integer.toString(service.adminPort()))
                        .start()) {
            assertThat(probe.awaitExit()).isZero();
            assertWarned(probe);
        }
    }
}
