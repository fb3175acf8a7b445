package dev.muster.concurrent;

import dev.muster.concurrent.Cancellation.Cause;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Branches that run at once, each on a virtual thread of its own, and end together: what {@code errgroup.WithContext}
 * is in Go, under a deadline.
 *
 * <p>Each branch leaves its {@link Outcome} in its own slot. After every completion the policy looks at the slots; once
 * it says that the answer is decided, the branches that still run are interrupted. So they are when the fan-out's
 * deadline passes or its {@link Cancellation} is cancelled by anybody else. A branch whose own deadline passes is
 * interrupted alone. {@link #close()} returns only when no branch runs any more, so every branch must be interruptible;
 * what has arrived by then is kept in the slots, and no interrupt of the cancellation's is left on the owner.
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
    private final Cancellation cancellation;
    private final Deadline deadline;
    private final Predicate<List<Branch<?>>> decided;
    private final StructuredTaskScope<@Nullable Object, @Nullable Void> scope;
    private final DeadlineTicker.Scheduled expiry;
    private boolean joined;

    private FanOut(
            DeadlineTicker ticker, Cancellation cancellation, Deadline deadline, Predicate<List<Branch<?>>> decided) {
        this.ticker = ticker;
        this.cancellation = cancellation;
        this.deadline = deadline;
        this.decided = decided;
        if (deadline.hasPassed()) {
            cancellation.cancel(Cause.DEADLINE);
        }
        this.scope = StructuredTaskScope.open(new CancelWhenDecided());
        cancellation.arm();
        this.expiry = ticker.schedule(deadline, () -> cancellation.cancel(Cause.DEADLINE));
    }

    /**
     * Opens a fan-out.
     *
     * @param cancellation not used before; armed from here until the fan-out is closed
     * @param deadline when all that still runs is cancelled
     * @param decided whether the answer is decided by the branches that have ended so far, so that the rest may go
     */
    public static FanOut open(
            DeadlineTicker ticker, Cancellation cancellation, Deadline deadline, Predicate<List<Branch<?>>> decided) {
        return new FanOut(ticker, cancellation, deadline, decided);
    }

    /** What a branch does: it may block, and is ended by an interrupt. */
    @FunctionalInterface
    public interface Call<T> {
        /**
         * Does it.
         *
         * @param self the branch, which may be given a {@linkplain Branch#cap deadline} of its own
         */
        T call(Branch<?> self) throws Exception;
    }

    /** Starts a branch, unless the fan-out is cancelled already: then it is never begun. */
    public <T> Branch<T> fork(String name, Call<? extends T> call) {
        Branch<T> branch = new Branch<>(name);
        branches.add(branch);
        if (cancellation.cause() == null) {
            scope.fork(() -> branch.run(call));
        }
        return branch;
    }

    /**
     * Waits until every branch has ended, the answer is decided or the fan-out is cancelled.
     *
     * <p>An interrupt that does not come from the cancellation can only mean that the owner's thread is to end, and
     * cancels as {@link Cause#SHUTDOWN}.
     */
    public void join() {
        joined = true;
        try {
            scope.join();
        } catch (InterruptedException e) {
            cancellation.cancel(Cause.SHUTDOWN);
        }
    }

    /** Interrupts what still runs and waits for it; afterwards every branch has its outcome. */
    @Override
    public void close() {
        if (!joined) {
            // An owner that could not start its other branches.
            cancellation.siblingFailed();
        }
        try {
            scope.close();
        } finally {
            expiry.close();
            cancellation.disarm();
        }
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
        /** Of the branch's own deadline, if it has one. The branch's thread alone. */
        private DeadlineTicker.@Nullable Scheduled expiry;

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

        /**
         * Interrupts the branch alone at {@code earlier}. Its outcome is {@link Outcome.TimedOut} then.
         * Called by the branch itself, at most once; without, the fan-out's deadline is its only one.
         */
        public void cap(Deadline earlier) {
            if (earlier != deadline) {
                Thread self = Thread.currentThread();
                expiry = ticker.schedule(earlier, () -> {
                    timedOut = true;
                    self.interrupt();
                });
            }
        }

        private @Nullable Object run(Call<? extends T> call) {
            try {
                outcome = outcomeOf(call);
            } finally {
                if (expiry != null) {
                    expiry.close();
                }
            }
            return null;
        }

        private Outcome<T> outcomeOf(Call<? extends T> call) {
            try {
                return new Outcome.Success<>(call.call(this), elapsed());
            } catch (Throwable e) {
                return failure(e);
            }
        }

        private Outcome<T> failure(Throwable e) {
            if (timedOut) {
                return new Outcome.TimedOut<>(elapsed());
            }
            Cause cause = cancellation.cause();
            return e instanceof InterruptedException && cause != null
                    ? new Outcome.Cancelled<>(cause, elapsed())
                    : new Outcome.Failed<>(e, elapsed());
        }

        private void neverRan() {
            if (outcome == null) {
                outcome = new Outcome.Cancelled<>(Objects.requireNonNull(cancellation.cause()), elapsed());
            }
        }
    }

    /** Cancels the scope once the answer is decided, and yields nothing itself. */
    private final class CancelWhenDecided implements Joiner<@Nullable Object, @Nullable Void> {
        @Override
        public boolean onComplete(Subtask<? extends @Nullable Object> subtask) {
            boolean isDecided = decided.test(branches);
            if (isDecided) {
                // Before the scope interrupts the others: they ask for the cause.
                cancellation.siblingFailed();
            }
            return isDecided;
        }

        @Override
        public @Nullable Void result() {
            return null;
        }
    }
}
