package dev.muster.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.testing.Await;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The test's thread is the owner, except where a test has its own. */
class CancellationTest {
    private final Cancellation cancellation = new Cancellation();
    private final List<Cause> told = new CopyOnWriteArrayList<>();

    @AfterEach
    void leaveNoInterruptToTheNextTest() {
        Thread.interrupted();
    }

    @Test
    void thereIsNoCauseBeforeAnybodyCancels() {
        cancellation.arm();

        assertThat(cancellation.cause()).isNull();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void theFirstCauseCounts(Cause first) {
        cancellation.arm();

        assertThat(cancellation.cancel(first)).isTrue();

        assertThat(Stream.of(Cause.values()).map(cancellation::cancel)).containsOnly(false);
        cancellation.siblingFailed();
        assertThat(cancellation.cause()).isEqualTo(first);
    }

    @Test
    void aLaterCauseInterruptsNobodyAgain() {
        cancellation.arm();
        cancellation.cancel(Cause.DEADLINE);
        Thread.interrupted();

        cancellation.cancel(Cause.SHUTDOWN);

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void ofManyWhoCancelAtOnceOneSucceedsAndItsCauseCounts() {
        for (int round = 0; round < 200; round++) {
            Cancellation contested = new Cancellation();
            CyclicBarrier start = new CyclicBarrier(Cause.values().length);
            List<CompletableFuture<Cause>> winners = Stream.of(Cause.values())
                    .map(cause -> onAnotherThread(() -> {
                        start.await(10, TimeUnit.SECONDS);
                        return contested.cancel(cause) ? cause : null;
                    }))
                    .toList();

            List<Cause> won =
                    winners.stream().map(Await::result).filter(Objects::nonNull).toList();
            assertThat(won).containsExactly(contested.cause());
        }
    }

    @Test
    void cancellingBeforeItIsArmedInterruptsNobodyYet() {
        assertThat(cancellation.cancel(Cause.CLIENT_GONE)).isTrue();

        assertThat(cancellation.cause()).isEqualTo(Cause.CLIENT_GONE);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void cancellingBeforeItIsArmedInterruptsTheOwnerOnceItIs() {
        cancellation.cancel(Cause.CLIENT_GONE);

        cancellation.arm();

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void cancellingWhileItIsArmedInterruptsTheOwner() {
        CountDownLatch armed = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        CompletableFuture<String> owner = onAnotherThread(() -> {
            cancellation.arm();
            armed.countDown();
            try {
                never.await();
                return "not interrupted";
            } catch (InterruptedException e) {
                return "interrupted";
            }
        });
        Await.latch(armed);

        assertThat(cancellation.cancel(Cause.SHUTDOWN)).isTrue();

        assertThat(Await.result(owner)).isEqualTo("interrupted");
        assertThat(Thread.currentThread().isInterrupted())
                .as("the canceller is interrupted")
                .isFalse();
    }

    @Test
    void disarmingClearsTheInterruptOfACancellation() {
        cancellation.arm();
        cancellation.cancel(Cause.DEADLINE);

        cancellation.disarm();

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(cancellation.cause()).isEqualTo(Cause.DEADLINE);
    }

    @Test
    void disarmingClearsTheInterruptOfACancellationFromBeforeItWasArmed() {
        cancellation.cancel(Cause.DEADLINE);
        cancellation.arm();

        cancellation.disarm();

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void cancellingAfterItIsDisarmedChangesNothing() {
        cancellation.arm();
        cancellation.disarm();

        assertThat(cancellation.cancel(Cause.SHUTDOWN)).isFalse();
        cancellation.siblingFailed();

        assertThat(cancellation.cause()).isNull();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void cancellingAfterACancelledOneIsDisarmedLeavesItsCauseAndItsOwnerAlone() {
        cancellation.arm();
        cancellation.cancel(Cause.DEADLINE);
        cancellation.disarm();

        assertThat(cancellation.cancel(Cause.SHUTDOWN)).isFalse();

        assertThat(cancellation.cause()).isEqualTo(Cause.DEADLINE);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void noInterruptOutlivesDisarmingHoweverItRacesWithTheCancelling() {
        for (int round = 0; round < 2000; round++) {
            Cancellation contested = new Cancellation();
            CyclicBarrier start = new CyclicBarrier(2);
            CompletableFuture<Boolean> cancelled = onAnotherThread(() -> {
                start.await(10, TimeUnit.SECONDS);
                return contested.cancel(Cause.DEADLINE);
            });

            CompletableFuture<Boolean> left = onAnotherThread(() -> {
                contested.arm();
                try {
                    start.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    // the canceller was faster
                }
                contested.disarm();
                // Keeps this thread for a late interrupt, which would end this wait.
                cancelled.get();
                return Thread.currentThread().isInterrupted();
            });

            assertThat(Await.result(left)).isFalse();
            assertThat(contested.cause() == Cause.DEADLINE).isEqualTo(Await.result(cancelled));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoAsksToBeToldIsToldTheCauseOnce(Cause cause) {
        cancellation.whenCancelled(told::add);
        assertThat(told).isEmpty();

        cancellation.cancel(cause);
        cancellation.cancel(Cause.SHUTDOWN);

        assertThat(told).containsExactly(cause);
    }

    @ParameterizedTest
    @EnumSource
    void whoAsksOnceItIsCancelledIsToldAtOnce(Cause cause) {
        cancellation.cancel(cause);

        cancellation.whenCancelled(told::add);

        assertThat(told).containsExactly(cause);
        cancellation.cancel(Cause.SHUTDOWN);
        assertThat(told).containsExactly(cause);
    }

    @Test
    void whoNoLongerListensIsNotTold() {
        Cancellation.Listener listener = cancellation.whenCancelled(told::add);

        listener.close();
        listener.close();
        cancellation.cancel(Cause.DEADLINE);

        assertThat(told).isEmpty();
    }

    @Test
    void whoWasToldMayEndListening() {
        Cancellation.Listener before = cancellation.whenCancelled(told::add);
        cancellation.cancel(Cause.DEADLINE);
        Cancellation.Listener after = cancellation.whenCancelled(told::add);

        before.close();
        after.close();

        assertThat(told).containsExactly(Cause.DEADLINE, Cause.DEADLINE);
    }

    @Test
    void allWhoListenAreToldAndNobodyElse() {
        List<String> names = new ArrayList<>();
        cancellation.whenCancelled(_ -> names.add("first"));
        cancellation.whenCancelled(_ -> names.add("second")).close();
        cancellation.whenCancelled(_ -> names.add("third"));

        cancellation.cancel(Cause.CLIENT_GONE);

        assertThat(names).containsExactlyInAnyOrder("first", "third");
    }

    @Test
    void theSameActionIsToldAsOftenAsItWasGiven() {
        Consumer<Cause> action = told::add;
        cancellation.whenCancelled(action);
        Cancellation.Listener second = cancellation.whenCancelled(action);
        cancellation.whenCancelled(action);
        second.close();

        cancellation.cancel(Cause.CLIENT_GONE);

        assertThat(told).containsExactly(Cause.CLIENT_GONE, Cause.CLIENT_GONE);
    }

    @Test
    void theOwnerIsInterruptedAndTheCauseIsThereBeforeAnybodyIsTold() {
        List<Boolean> interrupted = new ArrayList<>();
        List<Cause> causes = new ArrayList<>();
        cancellation.arm();
        cancellation.whenCancelled(_ -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            causes.add(cancellation.cause());
        });

        cancellation.cancel(Cause.DEADLINE);

        assertThat(interrupted).containsExactly(true);
        assertThat(causes).containsExactly(Cause.DEADLINE);
    }

    @Test
    void whoIsToldMayCancelAskAndEndListeningOnAnotherThread() {
        Cancellation.Listener other = cancellation.whenCancelled(_ -> {});
        cancellation.whenCancelled(_ -> Await.result(onAnotherThread(() -> {
            other.close();
            cancellation.whenCancelled(told::add);
            return cancellation.cancel(Cause.SHUTDOWN);
        })));

        cancellation.cancel(Cause.DEADLINE);

        assertThat(told).containsExactly(Cause.DEADLINE);
    }

    @Test
    void oneThatIsDisarmedCannotBeCancelledSoThatNobodyIsTold() {
        cancellation.whenCancelled(told::add);
        cancellation.arm();
        cancellation.disarm();

        cancellation.cancel(Cause.DEADLINE);

        assertThat(told).isEmpty();
    }

    @Test
    void oneThatListensToAnotherIsCancelledWithItAndItsOwnerInterrupted() {
        Cancellation parent = new Cancellation();
        cancellation.arm();
        parent.whenCancelled(cancellation::cancel);

        parent.cancel(Cause.CLIENT_GONE);

        assertThat(cancellation.cause()).isEqualTo(Cause.CLIENT_GONE);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void oneThatListensToAnotherDoesNotCancelThat() {
        Cancellation parent = new Cancellation();
        parent.whenCancelled(cancellation::cancel);

        cancellation.cancel(Cause.CLIENT_GONE);

        assertThat(parent.cause()).isNull();
    }

    @Test
    void whoNoLongerListensIsNotRetained() {
        WeakReference<Cancellation> child = listenForAWhile(cancellation);

        Await.until("nothing retains the listener", () -> {
            System.gc();
            return child.refersTo(null);
        });
        assertThat(cancellation.cause()).isNull();
    }

    /** A method of its own leaves no reference on the stack. */
    private static WeakReference<Cancellation> listenForAWhile(Cancellation parent) {
        Cancellation child = new Cancellation();
        parent.whenCancelled(child::cancel).close();
        return new WeakReference<>(child);
    }

    @Test
    void whoBeginsToListenAsItIsCancelledIsToldOnceHoweverTheTwoRace() {
        for (int round = 0; round < 2000; round++) {
            Cancellation contested = new Cancellation();
            CyclicBarrier start = new CyclicBarrier(2);
            AtomicInteger times = new AtomicInteger();
            CompletableFuture<Boolean> cancelled = onAnotherThread(() -> {
                start.await(10, TimeUnit.SECONDS);
                return contested.cancel(Cause.DEADLINE);
            });
            CompletableFuture<Boolean> listening = onAnotherThread(() -> {
                start.await(10, TimeUnit.SECONDS);
                contested.whenCancelled(_ -> times.incrementAndGet());
                return true;
            });

            assertThat(Await.result(cancelled)).isTrue();
            assertThat(Await.result(listening)).isTrue();
            assertThat(times).hasValue(1);
        }
    }

    @Test
    void aSiblingThatFailsInterruptsNobody() {
        cancellation.arm();

        cancellation.siblingFailed();

        assertThat(cancellation.cause()).isEqualTo(Cause.SIBLING_FAILED);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aSiblingThatHasFailedIsTheCauseHoweverItIsCancelledLater() {
        cancellation.arm();
        cancellation.siblingFailed();

        assertThat(cancellation.cancel(Cause.DEADLINE)).isFalse();

        assertThat(cancellation.cause()).isEqualTo(Cause.SIBLING_FAILED);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"SIBLING_FAILED, sibling-failed", "DEADLINE, deadline", "CLIENT_GONE, client-gone", "SHUTDOWN, shutdown"
    })
    void everyCauseHasItsWord(Cause cause, String word) {
        assertThat(cause.word()).isEqualTo(word);
    }

    @Test
    void thereAreFourCauses() {
        assertThat(Cause.values()).hasSize(4);
    }

    @FunctionalInterface
    private interface Work<T> {
        T call() throws Exception;
    }

    private static <T> CompletableFuture<T> onAnotherThread(Work<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(work.call());
            } catch (Exception | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
