package dev.muster.concurrent;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.concurrent.Cancellation.Cause;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IL_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Cancellers race with an owner that arms and disarms. */
final class CancellationRaces {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();

    private CancellationRaces() {}

    /** The interrupts that the owner sees. Actors' threads are reused, so a late interrupt shows in the next state. */
    private static final class Interrupts {
        private static final String NONE = "not interrupted";
        private static final String SOME = "interrupted";
        private static final String LATE = "interrupted late";

        /** Whether an earlier owner left an interrupt. */
        private final boolean late = Thread.interrupted();

        String seen() {
            boolean now = Thread.interrupted();
            return late ? LATE : now ? SOME : NONE;
        }
    }

    @JCStressTest
    @Description(
            "One cancels as the owner disarms: the owner sees the cause, or the canceller sees that it is too late.")
    @Outcome(id = "true, DEADLINE, not interrupted", expect = ACCEPTABLE, desc = "cancelled in time")
    @Outcome(id = "false, null, not interrupted", expect = ACCEPTABLE, desc = "too late")
    @Outcome(id = "true, null, .*", expect = FORBIDDEN, desc = "cancelled, but the owner sees no cause")
    @Outcome(id = "false, DEADLINE, .*", expect = FORBIDDEN, desc = "not cancelled, but there is a cause")
    @Outcome(id = ".*, interrupted", expect = FORBIDDEN, desc = "an interrupt outlived disarm")
    @Outcome(id = ".*, interrupted late", expect = FORBIDDEN, desc = "an interrupt came after disarm")
    @State
    public static class CancelAndDisarm {
        private final Cancellation cancellation = new Cancellation();

        @Actor
        public void owner(LLL_Result r) {
            Interrupts interrupts = new Interrupts();
            cancellation.arm();
            cancellation.disarm();
            r.r2 = String.valueOf(cancellation.cause());
            r.r3 = interrupts.seen();
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = cancellation.cancel(Cause.DEADLINE);
        }
    }

    @JCStressTest
    @Description("Two cancel for different causes: one wins, and all see its cause, at once and forever.")
    @Outcome(id = "won for DEADLINE, lost to DEADLINE, DEADLINE", expect = ACCEPTABLE, desc = "the deadline was first")
    @Outcome(id = "lost to SHUTDOWN, won for SHUTDOWN, SHUTDOWN", expect = ACCEPTABLE, desc = "the shutdown was first")
    @Outcome(id = "won .*, won .*, .*", expect = FORBIDDEN, desc = "both won")
    @Outcome(id = "lost .*, lost .*, .*", expect = FORBIDDEN, desc = "nobody won")
    @Outcome(expect = FORBIDDEN, desc = "the cause is not the winner's")
    @State
    public static class CancelAndCancel {
        private final Cancellation cancellation = new Cancellation();

        @Actor
        public void deadline(LLL_Result r) {
            r.r1 = cancel(Cause.DEADLINE);
        }

        @Actor
        public void shutdown(LLL_Result r) {
            r.r2 = cancel(Cause.SHUTDOWN);
        }

        @Arbiter
        public void afterwards(LLL_Result r) {
            r.r3 = String.valueOf(cancellation.cause());
        }

        private String cancel(Cause why) {
            return (cancellation.cancel(why) ? "won for " : "lost to ") + cancellation.cause();
        }
    }

    @JCStressTest
    @Description("One cancels as the owner arms; the owner then cancels, too. Either way the owner is interrupted.")
    @Outcome(id = "true, DEADLINE, interrupted", expect = ACCEPTABLE, desc = "the other was first, before or after arm")
    @Outcome(id = "false, SHUTDOWN, interrupted", expect = ACCEPTABLE, desc = "the owner was first")
    @Outcome(id = ".*, not interrupted", expect = FORBIDDEN, desc = "cancelled while armed, but never interrupted")
    @Outcome(id = ".*, interrupted late", expect = FORBIDDEN, desc = "interrupted by the loser")
    @Outcome(expect = FORBIDDEN, desc = "the cause is not the winner's")
    @State
    public static class CancelAndArm {
        private final Cancellation cancellation = new Cancellation();

        @Actor
        public void owner(LLL_Result r) {
            Interrupts interrupts = new Interrupts();
            cancellation.arm();
            // Returns only after the interrupt of an earlier canceller.
            cancellation.cancel(Cause.SHUTDOWN);
            r.r2 = String.valueOf(cancellation.cause());
            r.r3 = interrupts.seen();
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = cancellation.cancel(Cause.DEADLINE);
        }
    }

    @JCStressTest
    @Description(
            "A branch decides as another thread cancels: the first is the cause. Only a cancel interrupts the owner.")
    @Outcome(id = "true, DEADLINE, interrupted", expect = ACCEPTABLE, desc = "cancelled first")
    @Outcome(id = "false, SIBLING_FAILED, not interrupted", expect = ACCEPTABLE, desc = "decided first")
    @Outcome(id = "false, SIBLING_FAILED, interrupted", expect = FORBIDDEN, desc = "interrupted, but it was decided")
    @Outcome(id = "true, DEADLINE, not interrupted", expect = FORBIDDEN, desc = "cancelled, but never interrupted")
    @Outcome(id = ".*, interrupted late", expect = FORBIDDEN, desc = "interrupted by the loser")
    @Outcome(expect = FORBIDDEN, desc = "the cause is not the winner's")
    @State
    public static class CancelAndSiblingFailed {
        private final Cancellation cancellation = new Cancellation();

        @Actor
        public void owner(LLL_Result r) {
            Interrupts interrupts = new Interrupts();
            cancellation.arm();
            cancellation.siblingFailed();
            r.r2 = String.valueOf(cancellation.cause());
            r.r3 = interrupts.seen();
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = cancellation.cancel(Cause.DEADLINE);
        }
    }

    @JCStressTest
    @Description("A cancel comes as a listener registers: the listener is told once.")
    @Outcome(id = "1, DEADLINE", expect = ACCEPTABLE, desc = "told by the canceller, or at once")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "never told")
    @Outcome(expect = FORBIDDEN, desc = "told twice, or without a cause")
    @State
    public static class CancelAndListen {
        private final Cancellation cancellation = new Cancellation();
        private final AtomicInteger times = new AtomicInteger();
        private volatile Cause told;

        @Actor
        public void listener() {
            cancellation.whenCancelled(cause -> {
                times.incrementAndGet();
                told = cause;
            });
        }

        @Actor
        public void canceller() {
            cancellation.cancel(Cause.DEADLINE);
        }

        @Arbiter
        public void afterwards(IL_Result r) {
            r.r1 = times.get();
            r.r2 = String.valueOf(told);
        }
    }

    @JCStressTest
    @Description("A cancel comes as one of two listeners closes: the other is told.")
    @Outcome(
            id = {"0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "the open one is told, the closed one perhaps")
    @Outcome(expect = FORBIDDEN, desc = "the open one is not told, or one of them is told twice")
    @State
    public static class CancelAndEndListening {
        private final Cancellation cancellation = new Cancellation();
        private final AtomicInteger goesTold = new AtomicInteger();
        private final AtomicInteger staysTold = new AtomicInteger();
        private final Cancellation.Listener goes = cancellation.whenCancelled(_ -> goesTold.incrementAndGet());

        public CancelAndEndListening() {
            cancellation.whenCancelled(_ -> staysTold.incrementAndGet());
        }

        @Actor
        public void goes() {
            goes.close();
        }

        @Actor
        public void canceller() {
            cancellation.cancel(Cause.DEADLINE);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = goesTold.get();
            r.r2 = staysTold.get();
        }
    }

    @JCStressTest
    @Description(
            "A request is cancelled as one of its items ends: the item is cancelled or not, but its worker's next item"
                    + " is never interrupted.")
    @Outcome(id = "DEADLINE, not interrupted", expect = ACCEPTABLE, desc = "the item was cancelled")
    @Outcome(id = "null, not interrupted", expect = ACCEPTABLE, desc = "the item had ended, or was over")
    @Outcome(id = ".*, interrupted", expect = FORBIDDEN, desc = "an interrupt outlived the item")
    @Outcome(id = ".*, interrupted late", expect = FORBIDDEN, desc = "an interrupt came after the item")
    @State
    public static class CancelAndEndOfItem {
        private final Cancellation request = new Cancellation();

        @Actor
        public void worker(LL_Result r) {
            Interrupts interrupts = new Interrupts();
            Cancellation own = new Cancellation();
            try (var _ = request.whenCancelled(own::cancel)) {
                own.arm();
                own.disarm();
            }
            r.r1 = String.valueOf(own.cause());
            r.r2 = interrupts.seen();
        }

        @Actor
        public void canceller() {
            request.cancel(Cause.DEADLINE);
        }
    }

    @JCStressTest
    @Description("A request is cancelled as one of its items begins, and then waits: the item is interrupted.")
    @Outcome(
            id = "DEADLINE, interrupted, true",
            expect = ACCEPTABLE,
            desc = "interrupted, before or after it was armed")
    @Outcome(id = ".*, not interrupted, .*", expect = FORBIDDEN, desc = "the item would wait forever")
    @Outcome(expect = FORBIDDEN, desc = "interrupted by an earlier state, or without a cause")
    @State
    public static class CancelAndBeginOfItem {
        private final Cancellation request = new Cancellation();

        @Actor
        public void worker(LLL_Result r) {
            Interrupts interrupts = new Interrupts();
            Cancellation own = new Cancellation();
            try (var _ = request.whenCancelled(own::cancel)) {
                own.arm();
                awaitInterrupt();
                r.r2 = interrupts.seen();
                own.disarm();
            }
            r.r1 = String.valueOf(own.cause());
        }

        private static void awaitInterrupt() {
            long begun = System.nanoTime();
            while (!Thread.currentThread().isInterrupted() && System.nanoTime() - begun < PATIENCE_NANOS) {
                Thread.onSpinWait();
            }
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r3 = request.cancel(Cause.DEADLINE);
        }
    }
}
