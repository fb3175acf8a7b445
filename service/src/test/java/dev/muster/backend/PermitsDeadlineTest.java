package dev.muster.backend;

import static dev.muster.backend.CallClass.ADMITTED;
import static dev.muster.backend.CallClass.BULK;
import static dev.muster.backend.CallClass.SINGLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.PermitCallers.Caller;
import dev.muster.backend.PermitCallers.End;
import dev.muster.concurrent.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which callers are rejected for lack of time, and which go first. The test moves the clock. */
class PermitsDeadlineTest {
    /** Near the overflow, as System.nanoTime() may be. */
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 500_000_000);

    private Permits permits;
    private PermitCallers callers;

    private void start(int total) {
        permits = new Permits(total, total, 1000, clock::get);
        callers = new PermitCallers(permits);
    }

    @AfterEach
    void stop() {
        callers.close();
    }

    private void pass(long millis) {
        clock.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    private Deadline in(long millis) {
        return Deadline.after(Duration.ofMillis(millis), clock::get);
    }

    private List<Caller> takeAll(int total) {
        List<Caller> taken = new ArrayList<>();
        for (int i = 0; i < total; i++) {
            taken.add(callers.takeAtOnce(SINGLE));
        }
        return taken;
    }

    /** Makes {@code millis} the expected time of a call. */
    private void learn(int total, long millis) {
        for (int round = 0; round < 10; round++) {
            List<Caller> taken = takeAll(total);
            pass(millis);
            taken.forEach(Caller::release);
        }
    }

    private void assertTooLate(Caller caller) {
        assertThat(caller.end()).as(caller.toString()).isEqualTo(End.TOO_LATE);
    }

    @Test
    void whoCannotBeDoneInTimeIsTurnedAwayAtOnceAndWhoCanWaits() {
        start(2);
        learn(2, 100);
        takeAll(2);

        // Half a call until its turn, one call of its own, and a quarter of the sum for caution.
        assertTooLate(callers.arrive(SINGLE, in(180)));
        callers.waiting(SINGLE, in(195));
        // Half a call more, behind that caller.
        assertTooLate(callers.arrive(SINGLE, in(240)));
        callers.waiting(SINGLE, in(260));
    }

    @Test
    void whileThereIsRoomNobodyIsTurnedAway() {
        start(2);
        learn(2, 60_000);

        callers.arrive(SINGLE, in(1)).assertGranted();
    }

    @Test
    void burstsAllPassAndOneLongCallDoesNotChangeThat() {
        start(8);
        burst();
        Caller slow = callers.takeAtOnce(SINGLE);
        pass(700);
        slow.release();

        burst();
        pass(10_000);
        burst();
    }

    /** Sixty callers at once, each with a deadline of a second and a call of 5 ms. */
    private void burst() {
        List<Caller> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            all.add(i < 8 ? callers.arrive(SINGLE, in(1000)) : callers.waiting(SINGLE, in(1000)));
            if (i < 8) {
                all.getLast().assertGranted();
            }
        }
        for (int i = 0; i < 60; i++) {
            if (i % 8 == 0) {
                pass(5);
            }
            all.get(i).release();
        }
    }

    @Test
    void aPauseOfAllCallsAtOnceIsNoRule() {
        start(64);
        for (int i = 0; i < 20; i++) {
            learn(64, 10);
        }
        List<Caller> paused = takeAll(64);
        pass(150);
        paused.forEach(Caller::release);
        takeAll(64);

        callers.waiting(SINGLE, in(30));
    }

    @Test
    void whoHasNoTimeLeftWhenItsTurnComesIsTurnedAwayThenAndTheNextGoesOn() {
        start(1);
        learn(1, 1000);
        Caller slow = callers.takeAtOnce(SINGLE);
        Caller tight = callers.waiting(SINGLE, in(3000));
        Caller patient = callers.waiting(SINGLE, in(60_000));
        pass(2500);

        slow.release();

        assertTooLate(tight);
        patient.assertGranted();
        callers.assertState(1, 0);
    }

    @Test
    void whereNobodyThatWaitsHasTimeLeftThePermitIsFree() {
        start(1);
        learn(1, 1000);
        Caller slow = callers.takeAtOnce(SINGLE);
        Caller tight = callers.waiting(SINGLE, in(3000));
        pass(2500);

        slow.release();

        assertTooLate(tight);
        callers.assertState(0, 0);
    }

    @Test
    void whoIsAdmittedGoesFirstAndIsNotAskedForItsTimeBefore() {
        start(1);
        learn(1, 100);
        callers.takeAtOnce(SINGLE);
        Caller bulk = callers.waiting(BULK);
        Caller single = callers.waiting(SINGLE);
        Caller admitted = callers.waiting(ADMITTED, in(150));

        callers.release(SINGLE);
        admitted.assertGranted();
        admitted.release();
        single.assertGranted();
        single.release();
        bulk.assertGranted();
    }

    @Test
    void whoIsAdmittedAndHasNoTimeLeftIsTurnedAwayWhenItsTurnComes() {
        start(1);
        learn(1, 100);
        Caller slow = callers.takeAtOnce(SINGLE);
        Caller admitted = callers.waiting(ADMITTED, in(150));
        pass(100);

        slow.release();

        assertTooLate(admitted);
    }

    @Test
    void aBulkCallerWithoutTimeIsPassedOverAndWaitsOn() {
        start(1);
        learn(1, 100);
        Caller slow = callers.takeAtOnce(SINGLE);
        Caller tight = callers.waiting(BULK, in(150));
        Caller patient = callers.waiting(BULK, in(60_000));
        pass(100);

        slow.release();

        patient.assertGranted();
        callers.assertState(1, 1);
        patient.release();
        // No other caller waits.
        tight.assertGranted();
    }

    @Test
    void aPermitThatWasNotUsedSaysNothingOfHowLongCallsTake() throws Exception {
        start(1);
        learn(1, 1000);
        for (int i = 0; i < 100; i++) {
            permits.acquire(SINGLE, in(10)).giveBackUnused();
        }
        callers.takeAtOnce(SINGLE);

        assertTooLate(callers.arrive(SINGLE, in(2400)));
        callers.assertState(1, 0);
    }

    @Test
    void thePressureGrowsWithThePermitsThatAreOutAndThenWithWhoWaits() {
        start(2);
        assertThat(permits.pressure()).isZero();
        callers.takeAtOnce(SINGLE);
        assertThat(permits.pressure()).isEqualTo(0.5);
        callers.takeAtOnce(SINGLE);
        double full = permits.pressure();
        assertThat(full).isGreaterThanOrEqualTo(1);
        callers.waiting(SINGLE);

        assertThat(permits.pressure()).isGreaterThan(full);
        callers.release(SINGLE);
        callers.release(SINGLE);
        assertThat(permits.pressure()).isEqualTo(0.5);
    }

    @Test
    void itIsBackedUpWhereAsManyAdmittedOnesWaitAsThereArePermits() {
        start(2);
        takeAll(2);
        callers.waiting(ADMITTED);
        callers.waiting(SINGLE);
        assertThat(permits.isBackedUp()).isFalse();
        callers.waiting(ADMITTED);

        assertThat(permits.isBackedUp()).isTrue();
        callers.release(SINGLE);
        assertThat(permits.isBackedUp()).isFalse();
    }
}
