package dev.muster.backend;

import static dev.muster.backend.CallClass.BULK;
import static dev.muster.backend.CallClass.SINGLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.backend.Permits.Permit;
import dev.muster.backend.Permits.QueueFullException;
import dev.muster.concurrent.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.LII_Result;
import org.openjdk.jcstress.infra.results.LIL_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** Callers race for the only permit, and callers of both classes for a few permits. */
final class PermitRaces {
    private PermitRaces() {}

    /** A caller on its own thread. */
    private static final class Caller {
        private final Thread thread;
        private volatile String end = "";

        Caller(Permits permits, CallClass callClass) {
            thread = Thread.startVirtualThread(() -> end = end(permits, callClass));
        }

        /** A caller that waits for a permit when this returns. */
        static Caller waiting(Permits permits, CallClass callClass) {
            int before = permits.waiting();
            Caller caller = new Caller(permits, callClass);
            spinUntil(() -> permits.waiting() != before);
            return caller;
        }

        private static String end(Permits permits, CallClass callClass) {
            try {
                permits.acquire(callClass, noDeadline());
                return "granted";
            } catch (InterruptedException e) {
                return "interrupted";
            } catch (QueueFullException | TurnTooLateException e) {
                return "rejected";
            }
        }

        boolean ended() {
            return !end.isEmpty();
        }

        /** How the caller ended, or that it waits. */
        String state() {
            return ended() ? end : "waits";
        }

        String awaitEnd() {
            try {
                thread.join();
                return end;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void stop() {
            thread.interrupt();
            awaitEnd();
        }
    }

    private static void spinUntil(BooleanSupplier holds) {
        while (!holds.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** One permit, for both classes. */
    private static Permits permits(int maxWaiting) {
        return new Permits(1, 1, maxWaiting);
    }

    private static String state(Permits permits) {
        return permits.taken() + " taken, " + permits.waiting() + " waiting";
    }

    private static Deadline noDeadline() {
        return Deadline.after(Duration.ofDays(1));
    }

    private static Permit acquire(Permits permits, CallClass callClass) {
        try {
            return permits.acquire(callClass, noDeadline());
        } catch (InterruptedException | QueueFullException | TurnTooLateException e) {
            throw new AssertionError(e);
        }
    }

    @JCStressTest
    @Description("The permit is released as its waiter is interrupted: the waiter has it, or it is free.")
    @Outcome(id = "granted, 1, 0", expect = ACCEPTABLE, desc = "released first, the interrupt came too late")
    @Outcome(id = "interrupted, 0, 0", expect = ACCEPTABLE, desc = "the permit is free, or was given back")
    @Outcome(id = "interrupted, 1, .*", expect = FORBIDDEN, desc = "the permit is lost")
    @Outcome(id = "granted, 0, .*", expect = FORBIDDEN, desc = "the permit exists twice")
    @Outcome(expect = FORBIDDEN, desc = "a waiter is miscounted, or waits for a free permit")
    @State
    public static class ReleaseAndInterrupt {
        private final Permits permits = permits(1);
        private final Permit held;
        private final Caller waiter;

        public ReleaseAndInterrupt() {
            held = acquire(permits, SINGLE);
            waiter = Caller.waiting(permits, SINGLE);
        }

        @Actor
        public void release() {
            held.close();
        }

        @Actor
        public void interrupt() {
            waiter.thread.interrupt();
        }

        @Arbiter
        public void afterwards(LII_Result r) {
            r.r1 = waiter.awaitEnd();
            r.r2 = permits.taken();
            r.r3 = permits.waiting();
        }
    }

    @JCStressTest
    @Description("The same with a second waiter: it gets the permit if the first does not take it.")
    @Outcome(id = "granted, 1, 1", expect = ACCEPTABLE, desc = "the first has it, the second waits on")
    @Outcome(id = "interrupted, 1, 0", expect = ACCEPTABLE, desc = "the second has it")
    @Outcome(id = "interrupted, 1, 1", expect = FORBIDDEN, desc = "the permit is lost, and a caller waits for it")
    @Outcome(expect = FORBIDDEN, desc = "the permit exists twice, or is free while a caller waits")
    @State
    public static class ReleaseAndInterruptTheFirst {
        private final Permits permits = permits(2);
        private final Permit held;
        private final Caller first;
        private final Caller second;

        public ReleaseAndInterruptTheFirst() {
            held = acquire(permits, SINGLE);
            first = Caller.waiting(permits, SINGLE);
            second = Caller.waiting(permits, SINGLE);
        }

        @Actor
        public void release() {
            held.close();
        }

        @Actor
        public void interrupt() {
            first.thread.interrupt();
        }

        @Arbiter
        public void afterwards(LII_Result r) {
            r.r1 = first.awaitEnd();
            r.r2 = permits.taken();
            r.r3 = permits.waiting();
            second.stop();
        }
    }

    @JCStressTest
    @Description("Two callers wait for the only permit: both never hold it at once, and in the end it is free.")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(
            id = {"2, .*", ".*, 2, .*"},
            expect = FORBIDDEN,
            desc = "both held it at once")
    @Outcome(expect = FORBIDDEN, desc = "a permit is lost or added")
    @State
    public static class AcquireAndAcquire {
        private final Permits permits = permits(1);
        private final AtomicInteger holders = new AtomicInteger();

        @Actor
        public void first(III_Result r) {
            r.r1 = holdersOnceAcquired();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = holdersOnceAcquired();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = permits.taken();
        }

        private int holdersOnceAcquired() {
            try (Permit _ = acquire(permits, SINGLE)) {
                int now = holders.incrementAndGet();
                holders.decrementAndGet();
                return now;
            }
        }
    }

    @JCStressTest
    @Description("Two callers want the only permit and may not wait: at least one gets it, both only in turn.")
    @Outcome(
            id = {"1, 1, 0", "1, 0, 0", "0, 1, 0"},
            expect = ACCEPTABLE,
            desc = "the one that came too early is rejected")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "both are rejected")
    @Outcome(
            id = {"2, .*", ".*, 2, .*"},
            expect = FORBIDDEN,
            desc = "both held it at once")
    @Outcome(expect = FORBIDDEN, desc = "a permit is lost or added")
    @State
    public static class TryAndTry {
        private final Permits permits = permits(0);
        private final AtomicInteger holders = new AtomicInteger();

        @Actor
        public void first(III_Result r) {
            r.r1 = holdersIfAcquired();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = holdersIfAcquired();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = permits.taken();
        }

        private int holdersIfAcquired() {
            try (Permit _ = permits.acquire(SINGLE, noDeadline())) {
                int now = holders.incrementAndGet();
                holders.decrementAndGet();
                return now;
            } catch (QueueFullException e) {
                return 0;
            } catch (InterruptedException | TurnTooLateException e) {
                throw new AssertionError(e);
            }
        }
    }

    @JCStressTest
    @Description("A bulk caller is interrupted as it gets the permit, and a single one comes: one of them has it.")
    @Outcome(id = "granted, waits, 1 taken, 1 waiting", expect = ACCEPTABLE, desc = "the interrupt came too late")
    @Outcome(
            id = "interrupted, granted, 1 taken, 0 waiting",
            expect = ACCEPTABLE,
            desc = "the permit went to the single one")
    @Outcome(id = "interrupted, waits, .*", expect = FORBIDDEN, desc = "the permit is lost, and a caller waits for it")
    @Outcome(id = "granted, granted, .*", expect = FORBIDDEN, desc = "the permit exists twice")
    @Outcome(expect = FORBIDDEN, desc = "a permit or a waiter is miscounted")
    @State
    public static class InterruptOfBulkAndArrivalOfSingle {
        private final Permits permits = permits(1);
        private final Permit held;
        private final Caller bulk;
        private Caller single;

        public InterruptOfBulkAndArrivalOfSingle() {
            held = acquire(permits, SINGLE);
            bulk = Caller.waiting(permits, BULK);
        }

        @Actor
        public void releaseAndCome() {
            held.close();
            single = new Caller(permits, SINGLE);
        }

        @Actor
        public void interrupt() {
            bulk.thread.interrupt();
        }

        @Arbiter
        public void afterwards(LLL_Result r) {
            r.r1 = bulk.awaitEnd();
            spinUntil(() -> single.ended() || permits.waiting() == 1);
            r.r2 = single.state();
            r.r3 = state(permits);
            single.stop();
        }
    }

    @JCStressTest
    @Description(
            "A bulk caller is interrupted as it gets the permit, and another waits: the share goes with the permit.")
    @Outcome(id = "granted, waits, 1 taken, 1 waiting", expect = ACCEPTABLE, desc = "the first has it")
    @Outcome(id = "interrupted, granted, 1 taken, 0 waiting", expect = ACCEPTABLE, desc = "the second has it")
    @Outcome(id = "interrupted, waits, .*", expect = FORBIDDEN, desc = "the permit or the share is lost")
    @Outcome(id = "granted, granted, .*", expect = FORBIDDEN, desc = "the share is exceeded")
    @Outcome(expect = FORBIDDEN, desc = "a permit or a waiter is miscounted")
    @State
    public static class InterruptOfBulkBeforeBulk {
        private final Permits permits = new Permits(2, 1, 0);
        private final Permit held;
        private final Caller first;
        private final Caller second;

        public InterruptOfBulkBeforeBulk() {
            held = acquire(permits, BULK);
            first = Caller.waiting(permits, BULK);
            second = Caller.waiting(permits, BULK);
        }

        @Actor
        public void release() {
            held.close();
        }

        @Actor
        public void interrupt() {
            first.thread.interrupt();
        }

        @Arbiter
        public void afterwards(LLL_Result r) {
            r.r1 = first.awaitEnd();
            spinUntil(() -> second.ended() || permits.waiting() == 1);
            r.r2 = second.state();
            r.r3 = state(permits);
            second.stop();
        }
    }

    @JCStressTest
    @Description("All permits are released as callers of both classes wait: each class gets one, and one stays free.")
    @Outcome(id = "granted, 1, 2 taken, 1 waiting", expect = ACCEPTABLE, desc = "the single one and the first of bulk")
    @Outcome(id = ".*, 2, .*", expect = FORBIDDEN, desc = "the share is exceeded")
    @Outcome(id = ".*, 0, .*", expect = FORBIDDEN, desc = "the share is lost")
    @Outcome(id = "waits, .*", expect = FORBIDDEN, desc = "the single one was passed over")
    @Outcome(expect = FORBIDDEN, desc = "a permit or a waiter is miscounted")
    @State
    public static class ReleasesOfBoth {
        private final Permits permits = new Permits(3, 1, 1);
        private final Permit bulkHeld;
        private final Permit held;
        private final Permit alsoHeld;
        private final Caller single;
        private final List<Caller> bulk;

        public ReleasesOfBoth() {
            bulkHeld = acquire(permits, BULK);
            held = acquire(permits, SINGLE);
            alsoHeld = acquire(permits, SINGLE);
            bulk = List.of(Caller.waiting(permits, BULK), Caller.waiting(permits, BULK));
            single = Caller.waiting(permits, SINGLE);
        }

        @Actor
        public void releaseBulk() {
            bulkHeld.close();
        }

        @Actor
        public void releaseSingles() {
            held.close();
            alsoHeld.close();
        }

        @Arbiter
        public void afterwards(LIL_Result r) {
            spinUntil(() -> grantedBulk() + (single.ended() ? 1 : 0) + permits.waiting() == 3);
            r.r1 = single.state();
            r.r2 = grantedBulk();
            r.r3 = state(permits);
            single.stop();
            bulk.forEach(Caller::stop);
        }

        private int grantedBulk() {
            return (int) bulk.stream().filter(Caller::ended).count();
        }
    }

    @JCStressTest
    @Description("Two bulk callers want a permit. Two are free, but bulk may hold one: both never hold one at once.")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(
            id = {"2, .*", ".*, 2, .*"},
            expect = FORBIDDEN,
            desc = "the share is exceeded")
    @Outcome(expect = FORBIDDEN, desc = "a permit is lost or added")
    @State
    public static class BulkAndBulk {
        private final Permits permits = new Permits(2, 1, 0);
        private final AtomicInteger holders = new AtomicInteger();

        @Actor
        public void first(III_Result r) {
            r.r1 = holdersOnceAcquired();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = holdersOnceAcquired();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = permits.taken();
        }

        private int holdersOnceAcquired() {
            try (Permit _ = acquire(permits, BULK)) {
                int now = holders.incrementAndGet();
                holders.decrementAndGet();
                return now;
            }
        }
    }
}
