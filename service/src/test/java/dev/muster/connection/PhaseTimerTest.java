package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.concurrent.Deadline;
import dev.muster.connection.PhaseTimer.Phase;
import dev.muster.testing.Await;
import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PhaseTimerTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final PhaseTimer timer = new PhaseTimer(LONG);
    private final List<Phase> overdue = new ArrayList<>();

    private static Deadline now() {
        return Deadline.after(Duration.ZERO);
    }

    private List<Phase> check() {
        timer.check(now(), overdue::add);
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

    private List<Phase> cutShort(Phase... phases) {
        timer.cutShort(Set.of(phases), overdue::add);
        return overdue;
    }

    @Test
    void aPhaseIsCutShortOnceThoughItHasTimeLeft() {
        assertThat(cutShort(Phase.IDLE)).containsExactly(Phase.IDLE);
        assertThat(cutShort(Phase.IDLE)).containsExactly(Phase.IDLE);

        timer.enter(Phase.IDLE, LONG);
        assertThat(cutShort(Phase.HEAD, Phase.IDLE)).containsExactly(Phase.IDLE, Phase.IDLE);
    }

    @Test
    void aPhaseThatIsNotAmongThoseIsNotCutShort() {
        timer.enter(Phase.SERVING, LONG);
        assertThat(cutShort(Phase.IDLE, Phase.HEAD, Phase.BODY)).isEmpty();

        timer.enter(Phase.BODY, LONG);
        assertThat(cutShort(Phase.IDLE, Phase.HEAD, Phase.BODY)).containsExactly(Phase.BODY);
    }

    @Test
    void aPhaseThatWasNotCutShortIsOverdueAsBefore() {
        timer.enter(Phase.HEAD, Duration.ZERO);
        assertThat(cutShort(Phase.IDLE)).isEmpty();

        assertThat(check()).containsExactly(Phase.HEAD);
    }

    @Test
    void aPhaseIsDealtWithOnceBeItOverdueOrCutShort() {
        timer.enter(Phase.HEAD, Duration.ZERO);
        assertThat(check()).containsExactly(Phase.HEAD);
        assertThat(cutShort(Phase.HEAD)).containsExactly(Phase.HEAD);

        timer.enter(Phase.BODY, Duration.ZERO);
        assertThat(cutShort(Phase.BODY)).containsExactly(Phase.HEAD, Phase.BODY);
        assertThat(check()).containsExactly(Phase.HEAD, Phase.BODY);
    }

    @Test
    void aPhaseThatHadTimeLeftWhenTheLookBeganIsLeftAlone() {
        Deadline began = now();
        timer.enter(Phase.HEAD, Duration.ofNanos(1));

        timer.check(began, overdue::add);

        assertThat(overdue).isEmpty();
        assertThat(check()).containsExactly(Phase.HEAD);
    }

    @Test
    void aPhaseThatWasNotDealtWithIsLookedAtAgain() {
        timer.enter(Phase.IDLE, Duration.ZERO);
        timer.check(now(), _ -> false);
        timer.cutShort(Set.of(Phase.IDLE), _ -> false);

        assertThat(check()).containsExactly(Phase.IDLE);
        assertThat(check()).containsExactly(Phase.IDLE);
    }

    @Test
    void eachTimeThatItIsIdleHasAnEndOfItsOwn() {
        Deadline first = timer.idleUntil();
        assertThat(first).isNotNull();
        timer.enter(Phase.HEAD, LONG);
        assertThat(timer.idleUntil()).isNull();
        timer.enter(Phase.IDLE, LONG);
        assertThat(timer.idleUntil()).isNotNull().isNotSameAs(first);

        assertThat(timer.cutShort(first, overdue::add)).isFalse();
        assertThat(overdue).isEmpty();
        assertThat(timer.cutShort(timer.idleUntil(), overdue::add)).isTrue();
        assertThat(overdue).containsExactly(Phase.IDLE);
        assertThat(timer.idleUntil()).isNull();
    }

    @Test
    void aPhaseCannotChangeWhileItIsCutShort() {
        CountDownLatch tries = new CountDownLatch(1);
        CompletableFuture<Boolean> isOver = new CompletableFuture<>();
        Thread connection = Thread.ofPlatform().unstarted(() -> {
            tries.countDown();
            try {
                timer.enter(Phase.HEAD, LONG);
                isOver.complete(false);
            } catch (CloseConnectionException e) {
                isOver.complete(true);
            }
        });

        timer.cutShort(Set.of(Phase.IDLE), _ -> {
            connection.start();
            Await.latch(tries);
            Await.until("the connection is kept out", () -> connection.getState() == Thread.State.WAITING);
            timer.stop();
            return true;
        });

        assertThat(Await.result(isOver)).isTrue();
        Await.end(connection);
    }

    @Test
    void nothingComesAfterTheEnd() {
        timer.enter(Phase.IDLE, Duration.ZERO);
        timer.check(now(), _ -> {
            timer.stop();
            return true;
        });

        assertThatExceptionOfType(CloseConnectionException.class).isThrownBy(() -> timer.enter(Phase.HEAD, LONG));
    }
}
