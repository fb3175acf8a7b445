package dev.muster.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation.Cause;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which requests are cancelled, by which cause, and how they are counted. */
class InFlightTest {
    private final InFlight inFlight = new InFlight();
    private final ScriptedRequest first = new ScriptedRequest("first", Duration.ofSeconds(1), false);
    private final ScriptedRequest second = new ScriptedRequest("second", Duration.ofSeconds(2), true);

    @Test
    void allThatAreServedNowAreCancelled() {
        inFlight.add(first);
        inFlight.add(second);

        inFlight.cancelAll(Cause.CLIENT_GONE);

        assertThat(first.cancellation().cause()).isEqualTo(Cause.CLIENT_GONE);
        assertThat(second.cancellation().cause()).isEqualTo(Cause.CLIENT_GONE);
    }

    @Test
    void whoWasAnsweredIsNotCancelled() {
        inFlight.add(first);
        inFlight.remove(first);

        inFlight.cancelAll(Cause.CLIENT_GONE);

        assertThat(first.cancellation().cause()).isNull();
    }

    @Test
    void whoComesAfterThoseThatWereCancelledIsNot() {
        inFlight.cancelAll(Cause.CLIENT_GONE);

        inFlight.add(first);

        assertThat(first.cancellation().cause()).isNull();
    }

    @Test
    void onceClosedAllAreCancelledAndWhoeverStillComes() {
        inFlight.add(first);

        inFlight.close();
        inFlight.add(second);

        assertThat(first.cancellation().cause()).isEqualTo(Cause.SHUTDOWN);
        assertThat(second.cancellation().cause()).isEqualTo(Cause.SHUTDOWN);
    }

    @Test
    void theOldestIsShownFirst() {
        inFlight.add(first);
        inFlight.add(second);

        assertThat(inFlight.oldestFirst()).containsExactly(second, first);
        assertThat(inFlight.count()).isEqualTo(2);
    }

    @Test
    void whoEndedIsCountedByWhetherItWasTheShutdown() {
        ScriptedRequest third = new ScriptedRequest("third", Duration.ZERO, false);
        inFlight.add(first);
        inFlight.add(second);
        inFlight.add(third);

        inFlight.remove(first);
        inFlight.remove(second);
        inFlight.remove(third);

        assertThat(inFlight.count()).isZero();
        assertThat(inFlight.ended()).isEqualTo(2);
        assertThat(inFlight.endedByShutdown()).isEqualTo(1);
    }
}
