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
 * Runs branches at once, each on its own virtual thread, and ends them together: like Go's {@code errgroup.WithContext},
 * under a deadline.
 *
 * <p>Each branch leaves its {@link Outcome} in its own slot. After every completion the policy checks the slots. Once it
 * says that the answer is decided, the other branches are interrupted. The same happens when the fan-out's deadline
 * passes or its {@link Cancellation} is cancelled. A branch's own deadline interrupts only that branch. {@link #close()}
 * returns only after all branches have ended, so every branch must be interruptible. The slots keep all outcomes, and the
 * cancellation leaves no interrupt on the owner.
 *
 * <p>Opened, forked, joined and closed by one thread, the owner. The branches' threads call the policy, perhaps several
 * at once: it must be a pure function of the slots. Only this class uses {@link StructuredTaskScope} (JEP 505, a preview
 * API of JDK 25). The slots are our own for two reasons: a Joiner is not told of subtasks that end after the cancel, and
 * {@code Subtask.get()} throws after an interrupted join.
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
     * @param cancellation not used before; armed from now until the fan-out is closed
     * @param deadline when the fan-out is cancelled
     * @param decided the policy: whether the branches that have ended decide the answer
     */
    public static FanOut open(
            DeadlineTicker ticker, Cancellation cancellation, Deadline deadline, Predicate<List<Branch<?>>> decided) {
        return new FanOut(ticker, cancellation, deadline, decided);
    }

    /** The work of a branch. It may block, and must end at an interrupt. */
    @FunctionalInterface
    public interface Call<T> {
        /** Does the work of {@code self}, which may be given its own {@linkplain Branch#cap deadline}. */
        T call(Branch<?> self) throws Exception;
    }

    /** Starts a branch. If the fan-out is cancelled already, the branch never begins. */
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
     * <p>An interrupt that is not the cancellation's can only mean that the owner's thread must end. It cancels as
     * {@link Cause#SHUTDOWN}.
     */
    public void join() {
        joined = true;
        try {
            scope.join();
        } catch (InterruptedException e) {
            cancellation.cancel(Cause.SHUTDOWN);
        }
    }

    /** Interrupts the branches that still run and waits for them. Afterwards every branch has its outcome. */
    @Override
    public void close() {
        if (!joined) {
            // The owner failed before it had started all branches.
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

    public final class Branch<T> {
        private final String name;
        /** Written once by the branch's thread, or by the owner in close(); read by all. */
        private volatile @Nullable Outcome<T> outcome;
        /** Written by the ticker's thread before it interrupts. */
        private volatile boolean timedOut;
        /** For the branch's own deadline, if it has one. Used by the branch's thread alone. */
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
         * Interrupts only this branch at {@code earlier}. Its outcome is {@link Outcome.TimedOut} then. Called by the
         * branch itself, at most once.
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

    /** Cancels the scope once the answer is decided. */
    private final class CancelWhenDecided implements Joiner<@Nullable Object, @Nullable Void> {
        @Override
        public boolean onComplete(Subtask<? extends @Nullable Object> subtask) {
            boolean isDecided = decided.test(branches);
            if (isDecided) {
                // Before the scope interrupts the others, as they read the cause.
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
