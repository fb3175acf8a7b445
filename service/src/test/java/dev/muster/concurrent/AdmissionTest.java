package dev.muster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.concurrent.Admission.Place;
import dev.muster.concurrent.Admission.TooLateException;
import dev.muster.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    /** Near the overflow, where System.nanoTime() may be, too. */
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 500_000_000);

    private final List<Caller> callers = new ArrayList<>();
    private Admission admission = admission(2);

    private Admission admission(int limit) {
        return new Admission(limit, clock::get);
    }

    @AfterEach
    void nobodyIsLeft() {
        callers.forEach(caller -> caller.thread.interrupt());
        callers.forEach(caller -> Await.end(caller.thread));
        callers.forEach(Caller::leaveIfInside);
        assertThat(admission.inside()).isZero();
        assertThat(admission.waiting()).isZero();
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private Caller arrive(Duration limit) {
        Caller caller = new Caller(Deadline.after(limit, clock::get));
        callers.add(caller);
        caller.thread.start();
        return caller;
    }

    private Caller inside() {
        Caller caller = arrive(LONG);
        Await.result(caller.entered);
        return caller;
    }

    private Caller waiting(Duration limit) {
        int before = admission.waiting();
        Caller caller = arrive(limit);
        Await.until("it waits", () -> admission.waiting() == before + 1);
        return caller;
    }

    /** Has everybody expect that a caller stays for so long. */
    private void learn(Duration stay) {
        for (int i = 0; i < 50; i++) {
            Caller caller = inside();
            pass(stay);
            caller.leave();
        }
    }

    @Test
    void whoIsBeyondTheLimitWaitsForItsTurnInTheOrderOfArrival() {
        Caller first = inside();
        Caller second = inside();
        Caller third = waiting(LONG);
        Caller fourth = waiting(LONG);
        assertThat(admission.inside()).isEqualTo(2);

        second.leave();
        Await.result(third.entered);
        assertThat(fourth.entered).isNotDone();
        assertThat(admission.inside()).isEqualTo(2);

        first.leave();
        Await.result(fourth.entered);
        assertThat(admission.waiting()).isZero();
    }

    @Test
    void whoCannotBeDoneInTimeIsRefusedAtOnceAndWhoCanWaits() {
        learn(Duration.ofSeconds(1));
        inside();
        inside();

        // Half a second until its turn, a second inside, and a quarter more.
        arrive(Duration.ofMillis(1870)).assertTooLate();
        waiting(Duration.ofMillis(1880));
        // Another half of a second behind that one.
        arrive(Duration.ofMillis(2490)).assertTooLate();
        waiting(Duration.ofMillis(2510));
    }

    @Test
    void whileThereIsRoomNobodyIsRefused() {
        learn(LONG);

        Await.result(arrive(Duration.ofMillis(1)).entered);
    }

    @Test
    void whatIsExpectedFollowsWhatHappens() {
        learn(Duration.ofSeconds(1));
        learn(Duration.ofMillis(100));
        inside();
        inside();

        waiting(Duration.ofMillis(250));
    }

    @Test
    void aPauseOfAllThatAreInsideCountsOnce() {
        admission = admission(64);
        learn(Duration.ofMillis(10));
        List<Caller> paused = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            paused.add(inside());
        }
        pass(Duration.ofMillis(150));
        paused.forEach(Caller::leave);
        for (int i = 0; i < 64; i++) {
            inside();
        }

        waiting(Duration.ofMillis(60));
    }

    @Test
    void whoHasNoTimeLeftWhenItsTurnComesIsRefusedThenAndTheNextGoesIn() {
        learn(Duration.ofSeconds(1));
        Caller slow = inside();
        inside();
        Caller tight = waiting(Duration.ofSeconds(3));
        Caller patient = waiting(LONG);
        pass(Duration.ofMillis(2500));

        slow.leave();

        tight.assertTooLate();
        Await.result(patient.entered);
        assertThat(admission.inside()).isEqualTo(2);
    }

    @Test
    void whereNobodyThatWaitsHasTimeLeftThePlaceIsFree() {
        learn(Duration.ofSeconds(1));
        Caller slow = inside();
        inside();
        Caller tight = waiting(Duration.ofSeconds(3));
        pass(Duration.ofMillis(2500));

        slow.leave();

        tight.assertTooLate();
        assertThat(admission.inside()).isEqualTo(1);
    }

    @Test
    void whoIsInterruptedWhileItWaitsLeavesItsTurnToTheNext() {
        Caller first = inside();
        inside();
        Caller interrupted = waiting(LONG);
        Caller next = waiting(LONG);

        interrupted.thread.interrupt();

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> Await.result(interrupted.entered))
                .withRootCauseInstanceOf(InterruptedException.class);
        assertThat(admission.waiting()).isEqualTo(1);
        first.leave();
        Await.result(next.entered);
    }

    /** One that wants to go in, on a thread of its own, which ends when it is known whether it may. */
    private final class Caller {
        private final CompletableFuture<Place> entered = new CompletableFuture<>();
        private final Thread thread;

        Caller(Deadline deadline) {
            thread = Thread.ofVirtual().unstarted(() -> enter(deadline));
        }

        private void enter(Deadline deadline) {
            try {
                entered.complete(admission.enter(deadline));
            } catch (TooLateException | InterruptedException e) {
                entered.completeExceptionally(e);
            }
        }

        void leave() {
            callers.remove(this);
            Await.result(entered).close();
        }

        void leaveIfInside() {
            if (!entered.isCompletedExceptionally()) {
                Await.result(entered).close();
            }
        }

        void assertTooLate() {
            Await.end(thread);
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> Await.result(entered))
                    .withRootCauseInstanceOf(TooLateException.class);
        }
    }
}
