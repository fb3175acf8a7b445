package dev.muster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Near the overflow, as System.nanoTime() may be. */
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 500_000_000);

    private final Deadline deadline = Deadline.after(SECOND, clock::get);

    @Test
    void remainingShrinksAsTheClockRuns() {
        pass(Duration.ofMillis(300));

        assertThat(deadline.remaining()).isEqualTo(Duration.ofMillis(700));
        assertThat(deadline.hasPassed()).isFalse();
    }

    @Test
    void passesAtItsVeryMoment() {
        pass(SECOND);

        assertThat(deadline.hasPassed()).isTrue();
    }

    @Test
    void remainingIsNeverNegative() {
        pass(SECOND.multipliedBy(2));

        assertThat(deadline.remaining()).isZero();
    }

    @Test
    void itOvershootsFromItsVeryMomentOn() {
        pass(Duration.ofMillis(999));
        assertThat(deadline.overshoot()).isZero();

        pass(Duration.ofMillis(6));

        assertThat(deadline.overshoot()).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void clippingToLessThanRemainsGivesAnEarlierDeadline() {
        pass(Duration.ofMillis(300));

        Deadline capped = deadline.capped(Duration.ofMillis(200));

        assertThat(capped.remaining()).isEqualTo(Duration.ofMillis(200));
        assertThat(deadline.remaining()).isEqualTo(Duration.ofMillis(700));
    }

    @Test
    void clippingToMoreThanRemainsChangesNothing() {
        pass(Duration.ofMillis(300));

        assertThat(deadline.capped(SECOND)).isSameAs(deadline);
    }

    @Test
    void clippingDoesNotReviveADeadlineThatHasPassed() {
        pass(SECOND);

        assertThat(deadline.capped(SECOND).hasPassed()).isTrue();
    }

    @Test
    void aChildLeavesItsReserve() {
        assertThat(deadline.minus(Duration.ofMillis(10)).remaining()).isEqualTo(Duration.ofMillis(990));
    }

    @Test
    void aChildWhoseReserveIsAllThereIsHasPassed() {
        assertThat(deadline.minus(SECOND).hasPassed()).isTrue();
    }

    @Test
    void theEarlierComesFirst() {
        Deadline earlier = Deadline.after(Duration.ofMillis(300), clock::get);

        assertThat(earlier).isLessThan(deadline);
        assertThat(deadline).isGreaterThan(earlier);
        pass(Duration.ofMillis(700));
        assertThat(Deadline.after(Duration.ofMillis(300), clock::get)).isEqualByComparingTo(deadline);
    }

    @Test
    void runsOnTheSystemsMonotonicClockByDefault() {
        Deadline onSystemClock = Deadline.after(Duration.ofHours(1));

        assertThat(onSystemClock.remaining()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }
}
