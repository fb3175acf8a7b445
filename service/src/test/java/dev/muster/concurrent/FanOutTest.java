package dev.muster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class FanOutTest {
    /** The tests move it, and run the ticker. */
    private final AtomicLong clock = new AtomicLong();

    private final DeadlineTicker ticker = new DeadlineTicker(clock::get);
    private final Deadline far = Deadline.after(Duration.ofHours(1), clock::get);
    private final CountDownLatch forever = new CountDownLatch(1);

    private final Cancellation cancellation = new Cancellation();

    private FanOut open(Predicate<List<Branch<?>>> decided) {
        return FanOut.open(ticker, cancellation, far, decided);
    }

    private static boolean never(List<Branch<?>> branches) {
        return branches.isEmpty();
    }

    private static boolean firstFailure(List<Branch<?>> branches) {
        return branches.stream().anyMatch(branch -> branch.outcome() instanceof Outcome.Failed<?>);
    }

    @Test
    void everyBranchThatSucceedsYieldsItsValue() {
        Branch<String> first;
        Branch<Integer> second;
        try (FanOut fanOut = open(FanOutTest::never)) {
            first = fanOut.fork("first", _ -> "one");
            second = fanOut.fork("second", _ -> 2);
            fanOut.join();
        }

        assertThat(first.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Success.class,
                        success -> assertThat(success.value()).isEqualTo("one"));
        assertThat(second.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Success.class,
                        success -> assertThat(success.value()).isEqualTo(2));
        assertThat(ticker.size()).isZero();
    }

    @Test
    void branchesRunAtTheSameTime() {
        CountDownLatch all = new CountDownLatch(3);
        List<Branch<Boolean>> branches;
        try (FanOut fanOut = open(FanOutTest::never)) {
            branches = List.of(
                    fanOut.fork("first", _ -> meet(all)),
                    fanOut.fork("second", _ -> meet(all)),
                    fanOut.fork("third", _ -> meet(all)));
            fanOut.join();
        }

        assertThat(branches).allSatisfy(branch -> assertThat(branch.outcome()).isInstanceOf(Outcome.Success.class));
    }

    private static boolean meet(CountDownLatch all) {
        all.countDown();
        Await.latch(all);
        return true;
    }

    @Test
    void aFailureIsItsBranchsOutcomeAndLeavesTheOthersWhereThePolicySaysSo() {
        Branch<Void> failing;
        Branch<String> other;
        try (FanOut fanOut = open(FanOutTest::never)) {
            failing = fanOut.fork("failing", _ -> {
                throw new IOException("thrown by the test");
            });
            Await.until("it has failed", () -> failing.outcome() != null);
            other = fanOut.fork("other", _ -> "other");
            fanOut.join();
        }

        assertThat(failing.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.cause()).hasMessage("thrown by the test"));
        assertThat(other.outcome()).isInstanceOf(Outcome.Success.class);
    }

    @Test
    void anErrorIsAFailureLikeAnother() {
        Branch<Void> failing;
        try (FanOut fanOut = open(FanOutTest::firstFailure)) {
            failing = fanOut.fork("failing", _ -> {
                throw new StackOverflowError("thrown by the test");
            });
            fanOut.join();
        }

        assertThat(failing.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.cause()).isInstanceOf(StackOverflowError.class));
    }

    @Test
    void theBranchesThatStillRunAreCancelledOnceThePolicyHasDecided() {
        Branch<Boolean> hanging;
        try (FanOut fanOut = open(FanOutTest::firstFailure)) {
            CountDownLatch hangs = new CountDownLatch(1);
            hanging = fanOut.fork("hanging", _ -> hang(hangs));
            Await.latch(hangs);
            fanOut.fork("failing", _ -> {
                throw new IOException("thrown by the test");
            });
            fanOut.join();
        }

        assertThat(hanging.outcome()).isInstanceOf(Outcome.Cancelled.class);
        assertThat(ticker.size()).isZero();
    }

    @Test
    void closingWaitsForABranchThatTakesItsTimeToEnd() {
        List<String> trail = new CopyOnWriteArrayList<>();
        AtomicBoolean closed = new AtomicBoolean();
        Thread owner = Thread.ofPlatform().unstarted(() -> {
            Thread self = Thread.currentThread();
            try (FanOut fanOut = open(FanOutTest::firstFailure)) {
                CountDownLatch hangs = new CountDownLatch(1);
                fanOut.fork("slow", _ -> {
                    try {
                        return hang(hangs);
                    } finally {
                        Await.until("the owner waits", () -> self.getState() == Thread.State.WAITING || closed.get());
                        trail.add("branch ended");
                    }
                });
                Await.latch(hangs);
                fanOut.fork("failing", _ -> {
                    throw new IOException("thrown by the test");
                });
                fanOut.join();
            }
            closed.set(true);
            trail.add("closed");
        });

        owner.start();
        Await.end(owner);

        assertThat(trail).containsExactly("branch ended", "closed");
    }

    @Test
    void noThreadOfABranchOutlivesTheFanOut() {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        CountDownLatch hang = new CountDownLatch(20);
        try (FanOut fanOut = open(FanOutTest::firstFailure)) {
            for (int i = 0; i < 20; i++) {
                fanOut.fork("hanging", _ -> {
                    threads.add(Thread.currentThread());
                    return hang(hang);
                });
            }
            Await.latch(hang);
            fanOut.fork("failing", _ -> {
                throw new IOException("thrown by the test");
            });
            fanOut.join();
        }

        assertThat(threads)
                .hasSize(20)
                .allSatisfy(
                        thread -> assertThat(thread.join(Duration.ofSeconds(1))).isTrue());
    }

    @Test
    void aBranchsOwnDeadlineEndsItAloneAsTimedOut() {
        Branch<Boolean> slow;
        Branch<String> other;
        CountDownLatch release = new CountDownLatch(1);
        try (FanOut fanOut = open(FanOutTest::never)) {
            CountDownLatch hangs = new CountDownLatch(1);
            Deadline near = Deadline.after(Duration.ofMillis(50), clock::get);
            slow = fanOut.fork("slow", self -> {
                self.cap(near);
                return hang(hangs);
            });
            other = fanOut.fork("other", _ -> {
                release.await();
                return "other";
            });
            Await.latch(hangs);
            clock.addAndGet(Duration.ofMillis(50).toNanos());
            ticker.runDue();
            Await.until("it has timed out", () -> slow.outcome() != null);
            release.countDown();
            fanOut.join();
        }

        assertThat(slow.outcome()).isInstanceOf(Outcome.TimedOut.class);
        assertThat(other.outcome()).isInstanceOf(Outcome.Success.class);
    }

    @Test
    void aBranchThatFailsBecauseItsDeadlineInterruptedItIsTimedOut() {
        Branch<Void> slow;
        try (FanOut fanOut = open(FanOutTest::never)) {
            CountDownLatch hangs = new CountDownLatch(1);
            slow = fanOut.fork("slow", self -> {
                self.cap(Deadline.after(Duration.ofMillis(50), clock::get));
                try {
                    hang(hangs);
                } catch (InterruptedException e) {
                    throw new IOException("closed by the interrupt", e);
                }
                return null;
            });
            Await.latch(hangs);
            clock.addAndGet(Duration.ofMillis(50).toNanos());
            ticker.runDue();
            fanOut.join();
        }

        assertThat(slow.outcome()).isInstanceOf(Outcome.TimedOut.class);
    }

    @Test
    void aDeadlineThatPassesAfterTheBranchEndedChangesNothing() {
        Branch<String> quick;
        try (FanOut fanOut = open(FanOutTest::never)) {
            quick = fanOut.fork("quick", self -> {
                self.cap(Deadline.after(Duration.ofMillis(50), clock::get));
                return "done";
            });
            fanOut.join();
            clock.addAndGet(Duration.ofSeconds(1).toNanos());
            ticker.runDue();
        }

        assertThat(quick.outcome()).isInstanceOf(Outcome.Success.class);
    }

    @Test
    void anInterruptedOwnerStopsWaitingAndEveryBranchHasAnOutcome() {
        CompletableFuture<List<Branch<?>>> left = new CompletableFuture<>();
        CountDownLatch hangs = new CountDownLatch(1);
        Thread owner = Thread.ofVirtual().start(() -> {
            FanOut fanOut = open(FanOutTest::never);
            try (fanOut) {
                Branch<String> quick = fanOut.fork("quick", _ -> "done");
                Await.until("the quick one has ended", () -> quick.outcome() != null);
                Branch<Boolean> hanging = fanOut.fork("hanging", _ -> hang(hangs));
                fanOut.join();
                fanOut.close();
                left.complete(List.of(quick, hanging));
            } catch (Exception | Error e) {
                left.completeExceptionally(e);
            }
        });
        Await.latch(hangs);

        owner.interrupt();

        List<Branch<?>> branches = Await.result(left);
        assertThat(branches.get(0).outcome()).isInstanceOf(Outcome.Success.class);
        assertThat(branches.get(1).outcome())
                .isInstanceOfSatisfying(
                        Outcome.Cancelled.class,
                        cancelled -> assertThat(cancelled.cause()).isEqualTo(Cause.SHUTDOWN));
    }

    @Test
    void aBranchForkedAfterTheDecisionIsCancelledWithoutHavingRun() {
        AtomicBoolean ran = new AtomicBoolean();
        Branch<Boolean> late;
        try (FanOut fanOut = open(FanOutTest::firstFailure)) {
            Branch<Boolean> sibling = fanOut.fork("sibling", _ -> hang(new CountDownLatch(1)));
            fanOut.fork("failing", _ -> {
                throw new IOException("thrown by the test");
            });
            // Its interrupt comes after the decision.
            Await.until("the sibling is cancelled", () -> sibling.outcome() != null);
            late = fanOut.fork("late", _ -> ran.getAndSet(true));
            fanOut.join();
        }

        assertThat(late.outcome()).isInstanceOf(Outcome.Cancelled.class);
        assertThat(ran).isFalse();
    }

    @Test
    void whatEndsFirstHasTheSmallestElapsedTime() {
        Branch<String> first;
        Branch<String> second;
        try (FanOut fanOut = open(FanOutTest::never)) {
            first = fanOut.fork("first", _ -> "first");
            second = fanOut.fork("second", _ -> {
                Await.until("the first has ended", () -> first.outcome() != null);
                return "second";
            });
            fanOut.join();
        }

        assertThat(first.outcome().elapsed()).isLessThan(second.outcome().elapsed());
    }

    /** Blocks until it is interrupted. */
    private boolean hang(CountDownLatch hangs) throws InterruptedException {
        hangs.countDown();
        forever.await();
        return false;
    }
}
