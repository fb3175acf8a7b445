package dev.muster.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.ServiceProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that inherits ignored signals, from {@code nohup} or from a shell without job control. */
class IgnoredSignalsTest {
    private final FakeBackend backend = FakeBackend.start(Call::answerWell);
    private ServiceProcess service;

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({"TERM, SIGTERM was, SIGINT, INT", "HUP INT QUIT, SIGHUP and SIGINT were, SIGTERM, TERM"})
    void itSaysWhichSignalsDoNothingAndEndsByAnother(String ignored, String are, String stops, String signal) {
        service = ServiceProcess.launch("serve")
                .backends(backend.baseUri())
                .set("shutdown.linger", "PT0S")
                .shell("trap '' " + ignored + "; exec \"$@\"")
                .start()
                .awaitServing();
        for (String nothing : ignored.split(" ", -1)) {
            if (!nothing.equals("QUIT")) {
                service.signal(nothing);
            }
        }
        assertThat(service.admin("/health/ready").status()).isEqualTo(200);
        service.signal(signal);
        assertThat(service.awaitExit()).isZero();
        assertThat(service.out()).anyMatch(line -> line.contains("shutdown begins reason=SIG" + signal));
        assertThat(service.err())
                .containsExactly("muster: " + are
                        + " ignored when this process was started, which is permanent; to stop the process, send "
                        + stops);
    }
}
