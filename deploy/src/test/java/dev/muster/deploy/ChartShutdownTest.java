package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.AppConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service must end before Kubernetes kills it: docs/shutdown.md, "The time it takes". */
class ChartShutdownTest {
    private static final Duration END_OF_THE_JVM = Duration.ofSeconds(2);

    @ParameterizedTest
    @CsvSource({"10, 2, 15, 1, 28", "0, 0, 0, 0, 2", "0, 2, 7, 1, 10", "20, 35, 35, 2, 59", "600, 3600, 3600, 60, 4262"
    })
    void theGracePeriodIsWhatTheServiceTakesAndTheEndOfTheJvm(
            int lameDuck, int linger, int drain, int cancel, long grace) {
        Manifests manifests = Chart.with(values(lameDuck, linger, drain, cancel));
        var shutdown = Loaded.config(manifests).shutdown();

        assertThat(shutdown.lameDuck()).hasSeconds(lameDuck);
        assertThat(shutdown.linger()).hasSeconds(linger);
        assertThat(shutdown.drain()).hasSeconds(drain);
        assertThat(shutdown.cancel()).hasSeconds(cancel);
        assertThat(manifests.pod().getTerminationGracePeriodSeconds())
                .isEqualTo(grace)
                .isEqualTo(shutdown.inAll().plus(END_OF_THE_JVM).toSeconds());
    }

    @Test
    void aGracePeriodThatJustSufficesOrIsLongerIsKept() {
        assertThat(grace("terminationGracePeriodSeconds: 28")).isEqualTo(28);
        assertThat(grace("terminationGracePeriodSeconds: 300")).isEqualTo(300);
        assertThat(grace("terminationGracePeriodSeconds: null")).isEqualTo(28);
    }

    @ParameterizedTest
    @CsvSource({"27, 10", "0, 10", "30, 13"})
    void aGracePeriodThatIsTooShortIsRefused(int grace, int lameDuck) {
        assertThat(Chart.refusal("""
            terminationGracePeriodSeconds: %d
            shutdown: {lameDuckSeconds: %d}
            """.formatted(grace, lameDuck)))
                .contains("""

                    terminationGracePeriodSeconds: %d: must be at least %d: \
                    shutdown.lameDuckSeconds %d + drainSeconds 15 + cancelSeconds 1 + 2
                    """.formatted(grace, lameDuck + 18, lameDuck));
    }

    @Test
    void aLingerBeyondTheDrainIsRefused() {
        assertThat(Chart.refusal(values(10, 16, 15, 1)))
                .contains("\nshutdown.lingerSeconds: 16: must be at most shutdown.drainSeconds, "
                        + "which it is a part of and which is 15\n");
    }

    @Test
    void byDefaultEveryProfileIsFinished() {
        AppConfig config = Loaded.config(Chart.least());

        assertThat(config.shutdown().drain()).isGreaterThan(config.deadline().max());
    }

    @Test
    void byDefaultItFitsIntoWhatKubernetesGivesByDefault() {
        assertThat(grace("")).isLessThanOrEqualTo(30);
    }

    @Test
    void theLameDuckIsThereInPlaceOfAHook() {
        assertThat(Chart.least().container().getLifecycle()).isNull();
        assertThat(Loaded.config(Chart.least()).shutdown().lameDuck()).isPositive();
    }

    @Test
    void theNotesTellTheArithmetic() {
        assertThat(Chart.notes("{terminationGracePeriodSeconds: 45, shutdown: {lameDuckSeconds: 5}}"))
                .contains("A pod has 45 s to stop, and needs 23 at most: lame duck 5, drain 15, cancel 1, the JVM's end"
                        + " 2.");
    }

    private static long grace(String values) {
        return Chart.with(values).pod().getTerminationGracePeriodSeconds();
    }

    private static String values(int lameDuck, int linger, int drain, int cancel) {
        return "shutdown: {lameDuckSeconds: %d, lingerSeconds: %d, drainSeconds: %d, cancelSeconds: %d}"
                .formatted(lameDuck, linger, drain, cancel);
    }
}
