package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How often a port that cannot accept clients tries again, and when it gives up hope. */
class OutageTest {
    private long nanos = Long.MAX_VALUE - 5;
    private final Outage outage = new Outage(() -> nanos);

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void theNextTryIsAtOnceAndThenAfterAGrowingPauseOfASecondAtMost() {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            millis.add(outage.failed().toMillis());
        }

        assertThat(millis).containsExactly(0L, 10L, 20L, 40L, 80L, 160L, 320L, 640L, 1000L, 1000L);
        assertThat(outage.failures()).isEqualTo(10);
    }

    @Test
    void thereIsHopeForTenSeconds() {
        fail(10);
        assertThat(outage.isLost()).isFalse();
        pass(Duration.ofSeconds(10).minusNanos(1));
        outage.failed();
        assertThat(outage.isLost()).isFalse();

        pass(Duration.ofNanos(1));

        assertThat(outage.isLost()).isTrue();
        assertThat(outage.lasted()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void thereIsHopeWhereTheProcessStoodStillAndHasHardlyTried() {
        fail(3);
        pass(Duration.ofMinutes(1));
        outage.failed();
        assertThat(outage.isLost()).isFalse();

        fail(2);

        assertThat(outage.isLost()).isTrue();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            outage.failed();
        }
    }

    @Test
    void oneThatHasEndedLeavesNothingToTheNext() {
        outage.failed();
        outage.failed();
        pass(Duration.ofSeconds(9));

        assertThat(outage.ended()).isTrue();

        assertThat(outage.ended()).as("again").isFalse();
        pass(Duration.ofSeconds(9));
        assertThat(outage.isLost()).isFalse();
        assertThat(outage.failed()).isZero();
        assertThat(outage.lasted()).isZero();
        assertThat(outage.failures()).isEqualTo(1);
        assertThat(outage.isLost()).isFalse();
    }
}
