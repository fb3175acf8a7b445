package dev.muster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What ends a fan-out before its branches have ended, except for its policy: see {@link FanOutTest}. */
class FanOutCancellationTest {
    private static final Duration LIMIT = Duration.ofMillis(50);

    /** The tests move it, and run the ticker. */
    private final AtomicLong clock = new AtomicLong(987_654_321);

    private final DeadlineTicker ticker = new DeadlineTicker(clock::get);
    private final Deadline deadline = Deadline.after(LIMIT, clock::get);
    /** For branches. Not the fan-out's deadline, so that each branch has its own entry in the ticker. */
    private final Deadline far = Deadline.after(Duration.ofHours(1), clock::get);

    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch forever = new CountDownLatch(1);
    private final CountDownLatch hangs = new CountDownLatch(1);
    private final CountDownLatch fail = new CountDownLatch(1);

    /** Everything that can end a fan-out, and its cause. */
    enum End {
        DEADLINE(Cause.DEADLINE) {
            @Override
            void come(FanOutCancellationTest test, Thread owner) {
                test.passDeadline();
            }
        },
        CLIENT_GONE(Cause.CLIENT_GONE) {
            @Override
            void come(FanOutCancellationTest test, Thread owner) {
                test.cancellation.cancel(Cause.CLIENT_GONE);
            }
        },
        SHUTDOWN(Cause.SHUTDOWN) {
            @Override
            void come(FanOutCancellationTest test, Thread owner) {
                test.cancellation.cancel(Cause.SHUTDOWN);
            }
        },
        FOREIGN_INTERRUPT(Cause.SHUTDOWN) {
            @Override
            void come(FanOutCancellationTest test, Thread owner) {
                owner.interrupt();
            }
        },
        FAILING_SIBLING(Cause.SIBLING_FAILED) {
            @Override
            void come(FanOutCancellationTest test, Thread owner) {
                test.fail.countDown();
            }
        };

        private final Cause cause;

        End(Cause cause) {
            this.cause = cause;
        }

        abstract void come(FanOutCancellationTest test, Thread owner);
    }

    /** What the owner sees right after closing its fan-out. */
    private record Left(Branch<String> quick, Branch<Boolean> hanging, Branch<Void> failing, boolean interrupted) {}

    private void passDeadline() {
        clock.addAndGet(LIMIT.toNanos());
        ticker.runDue();
    }

    /** Opens a fan-out with three branches: one ends, one hangs, one fails on demand. Then runs {@code beforeJoin}. */
    private Left run(Runnable beforeJoin) {
        FanOut fanOut = FanOut.open(ticker, cancellation, deadline, FanOutCancellationTest::anyFailed);
        Branch<String> quick;
        Branch<Boolean> hanging;
        Branch<Void> failing;
        try (fanOut) {
            quick = fanOut.fork("quick", _ -> "done");
            hanging = fanOut.fork("hanging", _ -> hang());
            failing = fanOut.fork("failing", _ -> failWhenTold());
            Await.until("the quick one has ended", () -> quick.outcome() != null);
            Await.latch(hangs);
            beforeJoin.run();
            fanOut.join();
        }
        return new Left(quick, hanging, failing, Thread.currentThread().isInterrupted());
    }

    private boolean hang() throws InterruptedException {
        hangs.countDown();
        forever.await();
        return false;
    }

    /** Fails on demand. An interrupt counts as a demand. */
    private Void failWhenTold() throws IOException {
        boolean told = false;
        while (!told) {
            try {
                told = fail.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                fail.countDown();
            }
        }
        throw new IOException("thrown by the test");
    }

    private static boolean anyFailed(List<Branch<?>> branches) {
        return branches.stream().anyMatch(branch -> branch.outcome() instanceof Outcome.Failed<?>);
    }

    /** Runs {@code work} on a virtual thread, like a connection's. */
    private static <T> CompletableFuture<T> onItsThread(Work<T> work, CompletableFuture<Thread> thread) {
        CompletableFuture<T> result = new CompletableFuture<>();
        thread.complete(Thread.ofVirtual().start(() -> {
            try {
                result.complete(work.call());
            } catch (Exception | Error e) {
                result.completeExceptionally(e);
            }
        }));
        return result;
    }

    @FunctionalInterface
    private interface Work<T> {
        T call() throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void whatEndsAFanOutWhileItsOwnerWaitsLeavesTheCauseAndWhatHasArrived(End end) {
        CompletableFuture<Thread> owner = new CompletableFuture<>();
        CompletableFuture<Left> left = onItsThread(() -> run(() -> {}), owner);
        Await.latch(hangs);
        // Its other waits have a time limit.
        Await.until("the owner waits", () -> owner.join().getState() == Thread.State.WAITING);

        end.come(this, owner.join());

        assertEndedBy(end.cause, Await.result(left));
    }

    @ParameterizedTest
    @EnumSource
    void whatEndsAFanOutBeforeItsOwnerWaitsLeavesTheCauseAndWhatHasArrived(End end) {
        CompletableFuture<Left> left =
                onItsThread(() -> run(() -> end.come(this, Thread.currentThread())), new CompletableFuture<>());

        assertEndedBy(end.cause, Await.result(left));
    }

    private void assertEndedBy(Cause cause, Left left) {
        assertThat(cancellation.cause()).isEqualTo(cause);
        assertSucceeded(left.quick, "done");
        assertCancelled(left.hanging, cause);
        assertThat(left.interrupted).as("an interrupt is left").isFalse();
        assertThat(ticker.size()).as("entries are left").isZero();
    }

    private static void assertSucceeded(Branch<?> branch, Object value) {
        assertThat(branch.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Success.class,
                        success -> assertThat(success.value()).isEqualTo(value));
    }

    private static void assertCancelled(Branch<?> branch, Cause cause) {
        assertThat(branch.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Cancelled.class,
                        cancelled -> assertThat(cancelled.cause()).isEqualTo(cause));
    }

    @Test
    void theDeadlineDoesNothingBeforeItHasPassed() {
        Left left = run(() -> {
            clock.addAndGet(LIMIT.minusNanos(1).toNanos());
            ticker.runDue();
            assertThat(cancellation.cause()).isNull();
            cancellation.cancel(Cause.CLIENT_GONE);
        });

        assertEndedBy(Cause.CLIENT_GONE, left);
    }

    @Test
    void aBranchWithoutALimitOfItsOwnIsCancelledByTheDeadlineAndDoesNotTimeOut() {
        Branch<Boolean> hanging;
        try (FanOut fanOut = open(FanOutCancellationTest::anyFailed)) {
            hanging = fanOut.fork("hanging", _ -> hang());
            Await.latch(hangs);
            assertThat(ticker.size())
                    .as("the fan-out's entry serves for the branch")
                    .isEqualTo(1);
            passDeadline();
            fanOut.join();
        }

        assertCancelled(hanging, Cause.DEADLINE);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(ticker.size()).isZero();
    }

    private FanOut open(Predicate<List<Branch<?>>> decided) {
        return FanOut.open(ticker, cancellation, deadline, decided);
    }

    @Test
    void aBranchThatYieldsAllTheSameAfterTheDeadlineKeepsItsValue() {
        Branch<String> stubborn;
        CountDownLatch waits = new CountDownLatch(1);
        try (FanOut fanOut = open(FanOutCancellationTest::anyFailed)) {
            stubborn = fanOut.fork("stubborn", _ -> {
                waits.countDown();
                try {
                    forever.await();
                } catch (InterruptedException e) {
                    // the value is ready
                }
                return "arrived";
            });
            Await.latch(waits);
            passDeadline();
            fanOut.join();
        }

        assertSucceeded(stubborn, "arrived");
        assertThat(cancellation.cause()).isEqualTo(Cause.DEADLINE);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(ticker.size()).isZero();
    }

    @Test
    void aDeadlineThatHasPassedAlreadyStartsNoBranch() {
        passDeadline();

        assertNoBranchStarts(Cause.DEADLINE);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "SIBLING_FAILED")
    void aCancellationFromBeforeItsOpeningStartsNoBranch(Cause cause) {
        cancellation.cancel(cause);

        assertNoBranchStarts(cause);
    }

    @Test
    void aCancellationFromBeforeItsOpeningCountsMoreThanADeadlineThatHasPassed() {
        cancellation.cancel(Cause.SHUTDOWN);
        passDeadline();

        assertNoBranchStarts(Cause.SHUTDOWN);
    }

    private void assertNoBranchStarts(Cause cause) {
        AtomicBoolean ran = new AtomicBoolean();
        Branch<Boolean> first;
        Branch<Boolean> second;
        try (FanOut fanOut = open(FanOutCancellationTest::anyFailed)) {
            first = fanOut.fork("first", _ -> ran.getAndSet(true));
            second = fanOut.fork("second", _ -> ran.getAndSet(true));
            fanOut.join();
        }

        assertThat(ran).isFalse();
        assertCancelled(first, cause);
        assertCancelled(second, cause);
        assertThat(cancellation.cause()).isEqualTo(cause);
        assertThat(Thread.interrupted()).as("an interrupt is left").isFalse();
        assertThat(ticker.size()).isZero();
    }

    @Test
    void aBranchForkedAfterTheCancellationIsNeverBegun() {
        AtomicBoolean ran = new AtomicBoolean();
        Branch<Boolean> late;
        try (FanOut fanOut = open(FanOutCancellationTest::anyFailed)) {
            fanOut.fork("hanging", _ -> hang());
            Await.latch(hangs);
            cancellation.cancel(Cause.CLIENT_GONE);
            late = fanOut.fork("late", _ -> ran.getAndSet(true));
            fanOut.join();
        }

        assertThat(ran).isFalse();
        assertCancelled(late, Cause.CLIENT_GONE);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "FAILING_SIBLING")
    void aSiblingThatFailsAfterTheEndIsNotItsCause(End end) {
        CompletableFuture<Left> left = onItsThread(
                () -> {
                    Thread self = Thread.currentThread();
                    return run(() -> {
                        end.come(this, self);
                        // Only join() notices a foreign interrupt, so the branch fails later: when closing interrupts
                        // it.
                        if (end != End.FOREIGN_INTERRUPT) {
                            fail.countDown();
                        }
                    });
                },
                new CompletableFuture<>());

        Left ended = Await.result(left);

        assertEndedBy(end.cause, ended);
        assertThat(ended.failing.outcome()).isInstanceOf(Outcome.Failed.class);
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"FAILING_SIBLING", "FOREIGN_INTERRUPT"})
    void whatComesAfterASiblingHasFailedIsNotTheCause(End end) {
        Left left = run(() -> {
            fail.countDown();
            Await.until("the decision has been taken", () -> cancellation.cause() != null);

            end.come(this, Thread.currentThread());

            assertThat(Thread.currentThread().isInterrupted())
                    .as("the owner is interrupted after the decision")
                    .isFalse();
        });

        assertEndedBy(Cause.SIBLING_FAILED, left);
    }

    @Test
    void aForeignInterruptAfterASiblingHasFailedIsNotTheCauseAndIsNotLeft() {
        Left left = run(() -> {
            fail.countDown();
            Await.until("the decision has been taken", () -> cancellation.cause() != null);

            Thread.currentThread().interrupt();
        });

        assertEndedBy(Cause.SIBLING_FAILED, left);
    }

    @Test
    void aFanOutThatIsDoneIsNotRetainedByItsDeadline() {
        Branch<String> quick;
        try (FanOut fanOut = open(FanOutCancellationTest::anyFailed)) {
            quick = fanOut.fork("quick", _ -> "done");
            fanOut.join();
            assertThat(ticker.size()).as("its deadline's entry").isEqualTo(1);
        }

        assertThat(ticker.size()).isZero();
        passDeadline();
        assertSucceeded(quick, "done");
        assertThat(cancellation.cause()).isNull();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aFanOutWhoseDeadlinePassesOnceAllHaveEndedKeepsWhatTheyYielded() {
        Branch<String> quick;
        boolean interrupted;
        try (FanOut fanOut = open(FanOutCancellationTest::anyFailed)) {
            quick = fanOut.fork("quick", _ -> "done");
            fanOut.join();
            passDeadline();
        }
        interrupted = Thread.interrupted();

        assertSucceeded(quick, "done");
        assertThat(interrupted).isFalse();
        assertThat(ticker.size()).isZero();
    }

    @Test
    void noInterruptOutlivesTheFanOutHoweverItsEndRacesWithADeadline() {
        for (int round = 0; round < 1000; round++) {
            Cancellation contested = new Cancellation();
            CyclicBarrier start = new CyclicBarrier(2);
            CompletableFuture<Boolean> cancelled = onItsThread(
                    () -> {
                        start.await(10, TimeUnit.SECONDS);
                        return contested.cancel(Cause.DEADLINE);
                    },
                    new CompletableFuture<>());
            CompletableFuture<Boolean> left = onItsThread(
                    () -> {
                        try (FanOut fanOut = FanOut.open(ticker, contested, far, _ -> false)) {
                            fanOut.fork("quick", _ -> start.await(10, TimeUnit.SECONDS));
                            fanOut.join();
                        }
                        // Keeps this thread for a late interrupt, which would end this wait.
                        cancelled.get();
                        return Thread.currentThread().isInterrupted();
                    },
                    new CompletableFuture<>());

            assertThat(Await.result(left)).isFalse();
        }
        assertThat(ticker.size()).isZero();
    }
}
