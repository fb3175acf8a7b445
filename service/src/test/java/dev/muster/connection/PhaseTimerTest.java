package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.connection.PhaseTimer.Phase;
import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PhaseTimerTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final PhaseTimer timer = new PhaseTimer(LONG);
    private final List<Phase> overdue = new ArrayList<>();

    private List<Phase> check() {
        timer.check(overdue::add);
        return overdue;
    }

    @Test
    void aPhaseWithTimeLeftIsLeftAlone() {
        assertThat(check()).isEmpty();
        timer.enter(Phase.SERVING, null);
        assertThat(check()).isEmpty();
    }

    @Test
    void aPhaseIsOverdueOnce() {
        timer.enter(Phase.HEAD, Duration.ZERO);
        assertThat(check()).containsExactly(Phase.HEAD);
        assertThat(check()).containsExactly(Phase.HEAD);

        timer.enter(Phase.BODY, Duration.ZERO);
        assertThat(check()).containsExactly(Phase.HEAD, Phase.BODY);
    }

    @Test
    void aPhaseThatWasInterruptedByAnotherIsOverdueAsIfItHadNotBeen() {
        timer.enter(Phase.SERVING, Duration.ZERO);
        timer.during(Phase.WRITING, LONG, () -> assertThat(check()).isEmpty());

        assertThat(timer.phase()).isEqualTo(Phase.SERVING);
        assertThat(check()).containsExactly(Phase.SERVING);
    }

    @Test
    void aPhaseWithinAnotherHasItsOwnTime() {
        timer.enter(Phase.SERVING, null);
        timer.during(Phase.WRITING, Duration.ZERO, () -> assertThat(check()).containsExactly(Phase.WRITING));

        assertThat(check()).containsExactly(Phase.WRITING);
    }

    @Test
    void nothingComesAfterTheEnd() {
        timer.enter(Phase.IDLE, Duration.ZERO);
        timer.check(_ -> timer.stop());

        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(() -> timer.enter(Phase.HEAD, LONG));
    }
}
