package dev.muster.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import org.junit.jupiter.api.Test;

/** Which requests are ended, and for what. */
class InFlightTest {
    private final InFlight inFlight = new InFlight();
    private final Cancellation first = new Cancellation();
    private final Cancellation second = new Cancellation();

    @Test
    void allThatAreServedNowAreCancelled() {
        inFlight.add(first);
        inFlight.add(second);

        inFlight.cancelAll(Cause.CLIENT_GONE);

        assertThat(first.cause()).isEqualTo(Cause.CLIENT_GONE);
        assertThat(second.cause()).isEqualTo(Cause.CLIENT_GONE);
    }

    @Test
    void whoWasAnsweredIsNotCancelled() {
        inFlight.add(first);
        inFlight.remove(first);

        inFlight.cancelAll(Cause.CLIENT_GONE);

        assertThat(first.cause()).isNull();
    }

    @Test
    void whoComesAfterThoseThatWereCancelledIsNot() {
        inFlight.cancelAll(Cause.CLIENT_GONE);

        inFlight.add(first);

        assertThat(first.cause()).isNull();
    }

    @Test
    void onceClosedAllAreCancelledAndWhoeverStillComes() {
        inFlight.add(first);

        inFlight.close();
        inFlight.add(second);

        assertThat(first.cause()).isEqualTo(Cause.SHUTDOWN);
        assertThat(second.cause()).isEqualTo(Cause.SHUTDOWN);
    }
}
