package dev.muster.concurrent;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Branches that run at once, each on a virtual thread of its own, and end together: what {@code errgroup.WithContext}
 * is in Go.
 *
 * <p>Each branch leaves its {@link Outcome} in its own slot. After every completion the policy looks at the slots; once
 * it says that the answer is decided, the branches that still run are interrupted. A branch whose own deadline passes
 * is interrupted alone. {@link #close()} returns only when no branch runs any more, so every branch must be
 * interruptible.
 *
 * <p>Opened, forked, joined and closed by one thread, the owner; the policy is called by the branches' threads, perhaps
 * by several at once, and must be a pure function of the slots. {@link StructuredTaskScope} (JEP 505, a preview API of
 * JDK 25) is known to this class alone. Its Joiner is only asked when to cancel: it never hears of subtasks that end
 * after that, and {@code Subtask.get()} refuses after an interrupted join, which is why the slots are ours.
 */
public final class FanOut implements AutoCloseable {
    private final long openedNanos = System.nanoTime();
    private final List<Branch<?>> branches = new CopyOnWriteArrayList<>();
    private final DeadlineTicker ticker;
    private final StructuredTaskScope<@Nullable Object, @Nullable Void> scope;

    private FanOut(DeadlineTicker ticker, Predicate<List<Branch<?>>> decided) {
        this.ticker = ticker;
        this.scope = StructuredTaskScope.open(new CancelWhen(() -> decided.test(branches)));
    }

    /**
     * Opens a fan-out.
     *
     * @param decided whether the answer is decided by the branches that have ended so far, so that the rest may go
     */
    public static FanOut open(DeadlineTicker ticker, Predicate<List<Branch<?>>> decided) {
        return new FanOut(ticker, decided);
    }

    /**
     * Starts a branch.
     *
     * @param deadline when the branch is interrupted and its outcome becomes {@link Outcome.TimedOut}
     * @param call what it does; blocking, and ended by an interrupt
     */
    public <T> Branch<T> fork(String name, Deadline deadline, Callable<? extends T> call) {
        Branch<T> branch = new Branch<>(name);
        branches.add(branch);
        scope.fork(() -> branch.run(deadline, call));
        return branch;
    }

    /**
     * Waits until every branch has ended or the answer is decided.
     *
     * @throws InterruptedException if the owner was interrupted; closing then cancels what still runs
     */
    public void join() throws InterruptedException {
        scope.join();
    }

    /** Interrupts what still runs and waits for it; afterwards every branch has its outcome. */
    @Override
    public void close() {
        scope.close();
        for (Branch<?> branch : branches) {
            branch.neverRan();
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - openedNanos);
    }

    /** One of the calls that run at once. */
    public final class Branch<T> {
        private final String name;
        /** Written once by the branch's thread, or by the owner in close(); read by all. */
        private volatile @Nullable Outcome<T> outcome;
        /** Written by the ticker's thread before it interrupts. */
        private volatile boolean timedOut;

        private Branch(String name) {
            this.name = name;
        }

        public String name() {
            return name;
        }

        /** How it ended; null while it still runs, never null once the fan-out is closed. */
        public @Nullable Outcome<T> outcome() {
            return outcome;
        }

        private @Nullable Object run(Deadline deadline, Callable<? extends T> call) {
            Thread self = Thread.currentThread();
            Runnable expire = () -> {
                timedOut = true;
                self.interrupt();
            };
            try (var _ = ticker.schedule(deadline, expire)) {
                outcome = new Outcome.Success<>(call.call(), elapsed());
            } catch (Throwable e) {
                outcome = failure(e);
            }
            return null;
        }

        private Outcome<T> failure(Throwable e) {
            if (timedOut) {
                return new Outcome.TimedOut<>(elapsed());
            }
            return e instanceof InterruptedException
                    ? new Outcome.Cancelled<>(elapsed())
                    : new Outcome.Failed<>(e, elapsed());
        }

        private void neverRan() {
            if (outcome == null) {
                outcome = new Outcome.Cancelled<>(elapsed());
            }
        }
    }

    /** Cancels the scope once the answer is decided, and yields nothing itself. */
    private record CancelWhen(BooleanSupplier decided) implements Joiner<@Nullable Object, @Nullable Void> {
        @Override
        public boolean onComplete(Subtask<? extends @Nullable Object> subtask) {
            return decided.getAsBoolean();
        }

        @Override
        public @Nullable Void result() {
            return null;
        }
    }
}
