package dev.muster.backend;

import static dev.muster.backend.CallClass.BULK;
import static dev.muster.backend.CallClass.SINGLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.PermitCallers.Caller;
import dev.muster.backend.PermitCallers.End;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which callers get a permit, and when. The test's thread releases the permits for them. */
class PermitsTest {
    private static final int PLENTY = 100;

    private Permits permits;
    private PermitCallers callers;

    private void start(int total, int bulkTotal, int maxWaiting) {
        permits = new Permits(total, bulkTotal, maxWaiting);
        callers = new PermitCallers(permits);
    }

    @AfterEach
    void stop() {
        callers.close();
    }

    @ParameterizedTest
    @EnumSource
    void callersOfAClassGetPermitsInTheOrderOfTheirArrival(CallClass callClass) {
        start(1, 1, PLENTY);
        callers.takeAtOnce(callClass);
        List<Caller> inOrder =
                IntStream.range(0, 5).mapToObj(_ -> callers.waiting(callClass)).toList();

        for (int i = 0; i < inOrder.size(); i++) {
            callers.release(callClass);

            inOrder.get(i).assertGranted();
            callers.assertState(1, inOrder.size() - 1 - i);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SINGLE", "BULK"})
    void aFreedPermitGoesToASingleCallerThoughABulkCallerCameFirst(CallClass freed) {
        start(1, 1, PLENTY);
        callers.takeAtOnce(freed);
        Caller bulk = callers.waiting(BULK);
        Caller single = callers.waiting(SINGLE);

        callers.release(freed);

        single.assertGranted();
        callers.assertState(1, 1);
        callers.release(SINGLE);
        bulk.assertGranted();
        callers.assertState(1, 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"SINGLE", "BULK"})
    void aFreedPermitGoesToABulkCallerWhereNoSingleOneWaits(CallClass freed) {
        start(1, 1, PLENTY);
        callers.takeAtOnce(freed);
        Caller bulk = callers.waiting(BULK);

        callers.release(freed);

        bulk.assertGranted();
        callers.assertState(1, 0);
    }

    @Test
    void bulkCallersHoldNoMoreThanTheirShareThoughPermitsAreFree() {
        start(4, 2, PLENTY);
        callers.takeAtOnce(BULK);
        callers.takeAtOnce(BULK);

        callers.waiting(BULK);

        callers.assertState(2, 1);
    }

    @Test
    void singleCallersTakeWhatIsFreeWhileBulkOnesWait() {
        start(4, 2, PLENTY);
        callers.takeAtOnce(BULK);
        callers.takeAtOnce(BULK);
        callers.waiting(BULK);

        callers.takeAtOnce(SINGLE);
        callers.takeAtOnce(SINGLE);

        callers.assertState(4, 1);
    }

    @Test
    void singleCallersMayHoldAllPermits() {
        start(3, 1, PLENTY);

        callers.takeAtOnce(SINGLE);
        callers.takeAtOnce(SINGLE);
        callers.takeAtOnce(SINGLE);

        callers.assertState(3, 0);
    }

    @Test
    void aPermitThatASingleCallerFreesStaysFreeWhereBulkHasItsShare() {
        start(3, 1, PLENTY);
        callers.takeAtOnce(BULK);
        callers.takeAtOnce(SINGLE);
        callers.takeAtOnce(SINGLE);
        callers.waiting(BULK);

        callers.release(SINGLE);

        callers.assertState(2, 1);
        callers.takeAtOnce(SINGLE);
    }

    @Test
    void aPermitOfBulkGoesToTheNextBulkCallerWherePermitsAreFree() {
        start(3, 1, PLENTY);
        callers.takeAtOnce(BULK);
        Caller next = callers.waiting(BULK);

        callers.release(BULK);

        next.assertGranted();
        callers.assertState(1, 0);
    }

    @Test
    void aPermitOfBulkHandedToASingleCallerCountsAgainstTheShareNoMore() {
        start(2, 1, PLENTY);
        callers.takeAtOnce(BULK);
        callers.takeAtOnce(SINGLE);
        Caller single = callers.waiting(SINGLE);

        callers.release(BULK);
        single.assertGranted();
        callers.release(SINGLE);

        callers.takeAtOnce(BULK);
        callers.assertState(2, 0);
    }

    @Test
    void singleCallersBeyondThoseThatMayWaitAreTurnedAway() {
        start(1, 1, 2);
        callers.takeAtOnce(SINGLE);
        callers.waiting(SINGLE);
        callers.waiting(SINGLE);

        assertThat(callers.arrive(SINGLE).end()).isEqualTo(End.QUEUE_FULL);
        callers.assertState(1, 2);
    }

    @Test
    void bulkCallersThatWaitDoNotCountAgainstTheSingleOnesThatMay() {
        start(1, 1, 1);
        callers.takeAtOnce(SINGLE);
        callers.waiting(BULK);
        callers.waiting(BULK);

        callers.waiting(SINGLE);

        assertThat(callers.arrive(SINGLE).end()).isEqualTo(End.QUEUE_FULL);
        callers.assertState(1, 3);
    }

    @Test
    void bulkCallersWaitThoughNoSingleOneMay() {
        start(1, 1, 0);
        callers.takeAtOnce(SINGLE);

        callers.waiting(BULK);
        callers.waiting(BULK);

        callers.assertState(1, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"SINGLE", "BULK"})
    void aCallerInterruptedWhileItWaitsLeavesItsQueueAndNothingElseChanges(CallClass callClass) {
        start(2, 1, PLENTY);
        callers.takeAtOnce(BULK);
        callers.takeAtOnce(SINGLE);
        Caller interrupted = callers.waiting(callClass);
        Caller behind = callers.waiting(callClass);

        interrupted.interrupt();

        assertThat(interrupted.end()).isEqualTo(End.INTERRUPTED);
        callers.assertState(2, 1);
        callers.release(BULK);
        behind.assertGranted();
        callers.assertState(2, 0);
    }

    @ParameterizedTest
    @EnumSource
    void aCallerInterruptedAsItIsGrantedHandsItsPermitOnToTheNextOfItsClass(CallClass callClass) {
        int handedOn = 0;
        for (int round = 0; round < 200; round++) {
            start(2, 1, PLENTY);
            callers.takeAtOnce(BULK);
            callers.takeAtOnce(SINGLE);
            Caller interrupted = callers.waiting(callClass);
            Caller behind = callers.waiting(callClass);

            callers.release(BULK);
            interrupted.interrupt();

            if (interrupted.end() == End.INTERRUPTED) {
                handedOn++;
            } else {
                callers.release(callClass);
            }
            behind.assertGranted();
            callers.assertState(2, 0);
            stop();
        }
        assertThat(handedOn).as("rounds in which the interrupt was in time").isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void aPermitThatAnInterruptedCallerGivesBackIsFreeForBothClasses(CallClass callClass) {
        int givenBack = 0;
        for (int round = 0; round < 200; round++) {
            start(2, 1, PLENTY);
            callers.takeAtOnce(BULK);
            callers.takeAtOnce(SINGLE);
            Caller interrupted = callers.waiting(callClass);

            callers.release(BULK);
            interrupted.interrupt();

            if (interrupted.end() == End.INTERRUPTED) {
                givenBack++;
            } else {
                callers.release(callClass);
            }
            callers.takeAtOnce(BULK);
            callers.waiting(BULK);
            callers.release(SINGLE);
            callers.assertState(1, 1);
            callers.takeAtOnce(SINGLE);
            stop();
        }
        assertThat(givenBack).as("rounds in which the interrupt was in time").isPositive();
    }
}
