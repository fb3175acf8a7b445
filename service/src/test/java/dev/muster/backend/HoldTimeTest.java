package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HoldTimeTest {
    private static final int PERMITS = 8;

    private long nowNanos = Long.MAX_VALUE - 1_000_000;
    private final HoldTime holdTime = new HoldTime(PERMITS, nowNanos);

    private void pass(double millis) {
        nowNanos += Math.round(millis * 1e6);
    }

    private void release(int permits, double heldMillis) {
        for (int i = 0; i < permits; i++) {
            holdTime.released(Math.round(heldMillis * 1e6), nowNanos);
        }
    }

    /** Rounds in which every permit is held for {@code millis}. */
    private void rounds(int rounds, double millis) {
        for (int i = 0; i < rounds; i++) {
            pass(millis);
            release(PERMITS, millis);
        }
    }

    private double expectedMillis() {
        return holdTime.expectedNanos(nowNanos) / 1e6;
    }

    @Test
    void nothingIsExpectedAtFirst() {
        assertThat(expectedMillis()).isZero();
    }

    @Test
    void whatWasSeenIsExpected() {
        rounds(10, 50);

        assertThat(expectedMillis()).isCloseTo(50, within(1.0));
    }

    @Test
    void oneLongCallCountsForOne() {
        rounds(10, 5);
        pass(700);
        release(1, 700);

        // The mean of eighty calls of 5 ms and one of 0.7 s.
        assertThat(expectedMillis()).isBetween(12.0, 16.0);
    }

    @Test
    void oneLongCallAloneIsNoRule() {
        pass(700);
        release(1, 700);

        assertThat(expectedMillis()).isLessThan(90);
    }

    @Test
    void afterASilenceNothingIsExpected() {
        rounds(10, 700);
        pass(120_000);

        assertThat(expectedMillis()).isLessThan(1);
    }

    @Test
    void whileNoPermitIsFreeTheRateThatIsSeenCountsAndNotWhatWasBefore() {
        rounds(10, 700);
        holdTime.becomesFull(nowNanos);
        rounds(1, 5);

        assertThat(expectedMillis()).isCloseTo(5, within(0.1));
    }

    @Test
    void callsThatAreStillOutSayNothing() {
        holdTime.becomesFull(nowNanos);
        pass(400);

        assertThat(expectedMillis()).isZero();
    }

    @Test
    void aRateIsFollowedAsItChanges() {
        holdTime.becomesFull(nowNanos);
        rounds(50, 100);
        assertThat(expectedMillis()).isCloseTo(100, within(5.0));

        rounds(50, 20);
        assertThat(expectedMillis()).isLessThan(75);
        rounds(300, 20);
        assertThat(expectedMillis()).isCloseTo(20, within(1.0));
    }

    @Test
    void aRateIsForgottenOnceAPermitIsFree() {
        holdTime.becomesFull(nowNanos);
        rounds(100, 400);
        rounds(2, 5);
        double seen = expectedMillis();
        holdTime.hasRoom();

        assertThat(expectedMillis()).isNotEqualTo(seen);
    }

    @Test
    void itIsTheSameTimeFromTheFirstPermitThatIsNotFreeToTheLast() {
        holdTime.becomesFull(nowNanos);
        rounds(1, 100);
        holdTime.becomesFull(nowNanos);
        rounds(1, 200);

        assertThat(expectedMillis()).isEqualTo(150);
    }
}
