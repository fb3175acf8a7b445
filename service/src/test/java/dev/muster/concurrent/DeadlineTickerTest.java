package dev.muster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The ticker without its thread, on a clock that the test moves. */
class DeadlineTickerTest {
    private static final Duration TICK = Duration.ofMillis(1);
    private static final Duration ROUND = TICK.multipliedBy(4096);

    private final AtomicLong clock = new AtomicLong(123_456_789);
    private final DeadlineTicker ticker = new DeadlineTicker(clock::get);
    private final List<String> fired = new ArrayList<>();

    @Test
    void firesNeverEarlyAndAtMostOneTickLate() {
        Random random = new Random(7);
        Map<Integer, Long> due = new HashMap<>();
        Map<Integer, Long> firedAt = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            int number = i;
            Duration time =
                    Duration.ofNanos(random.nextLong(ROUND.multipliedBy(3).toNanos()));
            due.put(number, clock.get() + time.toNanos());
            ticker.schedule(Deadline.after(time, clock::get), () -> firedAt.put(number, clock.get()));
        }

        Duration step = TICK.dividedBy(8);
        for (Duration passed = Duration.ZERO;
                passed.compareTo(ROUND.multipliedBy(3)) <= 0;
                passed = passed.plus(step)) {
            pass(step);
        }

        assertThat(firedAt)
                .hasSize(500)
                .allSatisfy((number, at) -> assertThat(at - due.get(number))
                        .isBetween(0L, TICK.plus(step).toNanos()));
    }

    @Test
    void firesOnce() {
        schedule("once", Duration.ofMillis(5));

        pass(Duration.ofMillis(5));
        pass(ROUND);

        assertThat(fired).containsExactly("once");
    }

    @Test
    void aDeadlineThatHasPassedAlreadyFiresAtTheNextTick() {
        pass(Duration.ofMillis(10));
        schedule("late", Duration.ofMillis(-5));

        pass(TICK);

        assertThat(fired).containsExactly("late");
    }

    @Test
    void aCancelledEntryDoesNotFire() {
        DeadlineTicker.Scheduled cancelled = schedule("cancelled", Duration.ofMillis(5));
        schedule("kept", Duration.ofMillis(5));

        cancelled.close();
        pass(Duration.ofMillis(5));

        assertThat(fired).containsExactly("kept");
    }

    @Test
    void anEntryCancelledByAnotherOfItsTickDoesNotFire() {
        List<DeadlineTicker.Scheduled> entries = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            entries.add(ticker.schedule(Deadline.after(TICK, clock::get), () -> {
                fired.add("one of two");
                entries.forEach(DeadlineTicker.Scheduled::close);
            }));
        }

        pass(TICK);

        assertThat(fired).containsExactly("one of two");
    }

    @Test
    void cancellingTwiceOrAfterFiringHarmsNothing() {
        DeadlineTicker.Scheduled twice = schedule("twice", Duration.ofMillis(5));
        DeadlineTicker.Scheduled spent = schedule("spent", Duration.ofMillis(1));
        schedule("kept", Duration.ofMillis(5));

        twice.close();
        twice.close();
        pass(TICK);
        spent.close();
        pass(Duration.ofMillis(5));

        assertThat(fired).containsExactly("spent", "kept");
        assertThat(ticker.size()).isZero();
    }

    @Test
    void anEntryFurtherThanOneRoundWaitsForItsOwn() {
        schedule("far", ROUND.multipliedBy(2).plusMillis(3));

        pass(Duration.ofMillis(3));
        pass(ROUND);
        assertThat(fired).isEmpty();

        pass(ROUND);
        assertThat(fired).containsExactly("far");
    }

    @Test
    void manyEntriesOfOneSlotFireEachInItsRound() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 100; i++) {
                schedule("round " + round, ROUND.multipliedBy(round).plusMillis(7));
            }
        }

        pass(Duration.ofMillis(7));
        assertThat(fired).hasSize(100).containsOnly("round 0");

        pass(ROUND);
        assertThat(fired).hasSize(200).doesNotContain("round 2");

        pass(ROUND);
        assertThat(fired).hasSize(300);
    }

    @Test
    void cancellingAnywhereInASlotLeavesTheOthers() {
        List<DeadlineTicker.Scheduled> entries = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            entries.add(schedule("entry " + i, Duration.ofMillis(7)));
        }

        entries.get(4).close();
        entries.get(2).close();
        entries.get(0).close();
        pass(Duration.ofMillis(7));

        assertThat(fired).containsExactlyInAnyOrder("entry 1", "entry 3");
    }

    @Test
    void aClockThatJumpsOverRoundsSkipsNothing() {
        for (int i = 1; i <= 10; i++) {
            schedule("entry " + i, ROUND.dividedBy(3).multipliedBy(i));
        }

        pass(ROUND.multipliedBy(4));

        assertThat(fired).hasSize(10);
        assertThat(ticker.size()).isZero();
    }

    @Test
    void anActionThatThrowsDoesNotStopTheOthers() {
        for (int i = 0; i < 2; i++) {
            schedule("before", Duration.ofMillis(5));
            ticker.schedule(Deadline.after(Duration.ofMillis(5), clock::get), () -> {
                throw new IllegalStateException("thrown by the test");
            });
            ticker.schedule(Deadline.after(Duration.ofMillis(5), clock::get), () -> {
                throw new AssertionError("thrown by the test");
            });
            schedule("after", Duration.ofMillis(5));
        }

        pass(Duration.ofMillis(5));

        assertThat(fired).containsExactlyInAnyOrder("before", "after", "before", "after");
    }

    @Test
    void anActionMayScheduleAnother() {
        ticker.schedule(Deadline.after(TICK, clock::get), () -> schedule("second", TICK));

        pass(TICK);
        pass(TICK);

        assertThat(fired).containsExactly("second");
    }

    @Test
    void cancelledEntriesAreForgottenAtOnce() {
        List<DeadlineTicker.Scheduled> entries = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            entries.add(schedule("never", Duration.ofMillis(1 + i)));
        }

        entries.forEach(DeadlineTicker.Scheduled::close);

        assertThat(ticker.size()).isZero();
    }

    @Test
    void aCancelledEntryDoesNotRetainWhatItsActionKnows() {
        schedule("before", Duration.ofHours(1));
        WeakReference<Object> known = scheduleAndCancel();
        schedule("after", Duration.ofHours(1));

        for (int i = 0; i < 100 && known.get() != null; i++) {
            System.gc();
        }

        assertThat(known.get()).isNull();
        assertThat(ticker.size()).isEqualTo(2);
    }

    private WeakReference<Object> scheduleAndCancel() {
        Object known = new Object();
        ticker.schedule(Deadline.after(Duration.ofHours(1), clock::get), () -> fired.add(known.toString()))
                .close();
        return new WeakReference<>(known);
    }

    private DeadlineTicker.Scheduled schedule(String name, Duration time) {
        return ticker.schedule(Deadline.after(time, clock::get), () -> fired.add(name));
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
        ticker.runDue();
    }
}
