package dev.muster.backend;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.backend.Permits.FullException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.LII_Result;

/** Callers who want the only permit. */
final class PermitRaces {
    private PermitRaces() {}

    /** A caller on a thread of its own, which waits for a permit by the time it is made. */
    private static final class Waiter {
        private final Thread thread;
        private volatile String end = "";

        Waiter(Permits permits) {
            int before = permits.waiting();
            thread = Thread.startVirtualThread(() -> end = end(permits));
            while (permits.waiting() == before) {
                Thread.onSpinWait();
            }
        }

        private static String end(Permits permits) {
            try {
                permits.acquire();
                return "granted";
            } catch (InterruptedException e) {
                return "interrupted";
            } catch (FullException e) {
                return "turned away";
            }
        }

        String awaitEnd() {
            try {
                thread.join();
                return end;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Permits permits(int maxWaiting) {
        return new Permits(1, maxWaiting);
    }

    private static void acquire(Permits permits) {
        try {
            permits.acquire();
        } catch (InterruptedException | FullException e) {
            throw new AssertionError(e);
        }
    }

    @JCStressTest
    @Description("The permit is released as the one who waits for it is interrupted: it has it, or it is free.")
    @Outcome(id = "granted, 1, 0", expect = ACCEPTABLE, desc = "released first, and the interrupt came too late")
    @Outcome(id = "interrupted, 0, 0", expect = ACCEPTABLE, desc = "the permit is free, or was given back")
    @Outcome(id = "interrupted, 1, .*", expect = FORBIDDEN, desc = "the permit is lost")
    @Outcome(id = "granted, 0, .*", expect = FORBIDDEN, desc = "the permit is there twice")
    @Outcome(expect = FORBIDDEN, desc = "somebody waits who does not, or who may not")
    @State
    public static class ReleaseAndInterrupt {
        private final Permits permits = permits(1);
        private final Waiter waiter;

        public ReleaseAndInterrupt() {
            acquire(permits);
            waiter = new Waiter(permits);
        }

        @Actor
        public void release() {
            permits.release();
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
    @Description("The same where another waits behind: the permit is his if the first does not take it.")
    @Outcome(id = "granted, 1, 1", expect = ACCEPTABLE, desc = "the first has it, the second waits on")
    @Outcome(id = "interrupted, 1, 0", expect = ACCEPTABLE, desc = "the second has it")
    @Outcome(id = "interrupted, 1, 1", expect = FORBIDDEN, desc = "the permit is lost, and somebody waits for it")
    @Outcome(expect = FORBIDDEN, desc = "the permit is there twice, or free while somebody waits")
    @State
    public static class ReleaseAndInterruptTheFirst {
        private final Permits permits = permits(2);
        private final Waiter first;
        private final Waiter second;

        public ReleaseAndInterruptTheFirst() {
            acquire(permits);
            first = new Waiter(permits);
            second = new Waiter(permits);
        }

        @Actor
        public void release() {
            permits.release();
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
            second.thread.interrupt();
            second.awaitEnd();
        }
    }

    @JCStressTest
    @Description("Two want the only permit, and wait for it: never have both got it, and in the end it is free.")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(
            id = {"2, .*", ".*, 2, .*"},
            expect = FORBIDDEN,
            desc = "both held it at once")
    @Outcome(expect = FORBIDDEN, desc = "a permit is lost or made up")
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
            acquire(permits);
            int now = holders.incrementAndGet();
            holders.decrementAndGet();
            permits.release();
            return now;
        }
    }

    @JCStressTest
    @Description("Two want the only permit, and may not wait: at least one gets it, both only one after the other.")
    @Outcome(
            id = {"1, 1, 0", "1, 0, 0", "0, 1, 0"},
            expect = ACCEPTABLE,
            desc = "who came too early was turned away")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "both were turned away")
    @Outcome(
            id = {"2, .*", ".*, 2, .*"},
            expect = FORBIDDEN,
            desc = "both held it at once")
    @Outcome(expect = FORBIDDEN, desc = "a permit is lost or made up")
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
            try {
                permits.acquire();
            } catch (FullException e) {
                return 0;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            int now = holders.incrementAndGet();
            holders.decrementAndGet();
            permits.release();
            return now;
        }
    }
}
