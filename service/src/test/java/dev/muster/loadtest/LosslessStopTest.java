package dev.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.demo.DemoBackends;
import dev.muster.testing.ServiceProcess;
import dev.muster.testing.Soak;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop under load loses no request, as seen by clients that send none twice. */
class LosslessStopTest {
    private static final int FAST = 16;
    private static final int SPARSE = 24;
    private static final int SLOW = 16;

    @TempDir
    private static Path classes;

    @BeforeAll
    static void compile() {
        DrainTool.compile(classes);
    }

    @Test
    void keepAliveClientsLoseNothing() throws IOException {
        try (DemoBackends backends = DemoBackends.start("127.0.0.1", 0)) {
            for (int i = 0; i < Soak.times(1, 25); i++) {
                stop("http://127.0.0.1:" + backends.port(), i);
            }
        }
    }

    private static void stop(String backends, int round) {
        // SIGTERM reaches the slow requests at a different point in each round.
        String slow = "/profiles/friends-d" + (300 + 137 * round % 500) + "_ada";
        try (ServiceProcess service =
                        ServiceProcess.launch("serve").backends(backends).start();
                DrainTool clients = DrainTool.start(classes, load(service.port(), slow))) {
            clients.awaitCommand();
            service.signal("TERM");
            assertThat(service.awaitExit()).isZero();
            DrainTool.Result seen = clients.finish();

            assertThat(seen.exit()).as(seen.out() + seen.err()).isZero();
            assertThat(seen.count("lost")).as(seen.out()).isZero();
            assertThat(seen.count("ok")).as(seen.out()).isGreaterThan(FAST + SPARSE + SLOW);
            assertThat(seen.count("turnedAway")).as(seen.out()).isZero();
            List<String> out = service.out();
            assertThat(out.getLast()).contains("shutdown complete inFlight=0 connections=0", "abandoned=0");
        }
    }

    private static String[] load(int port, String slow) {
        return List.of(
                        "--target",
                        "http://127.0.0.1:" + port + "/profiles/ada",
                        "--expect",
                        "Ada Lovelace",
                        "--slow-path",
                        slow,
                        "--fast",
                        Integer.toString(FAST),
                        "--sparse",
                        Integer.toString(SPARSE),
                        "--slow",
                        Integer.toString(SLOW),
                        "--rate",
                        "0",
                        "--before",
                        "1",
                        "--after",
                        "0.1",
                        "--during",
                        DrainTool.COMMAND)
                .toArray(String[]::new);
    }
}
