package dev.muster.concurrent;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.concurrent.Admission.Place;
import dev.muster.concurrent.Admission.TooLateException;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LII_Result;

/** Callers who want the only place. */
final class AdmissionRaces {
    private AdmissionRaces() {}

    @JCStressTest
    @Description("A place is given up while the one who waits for it is interrupted.")
    @Outcome(id = "entered, 0, 0", expect = ACCEPTABLE, desc = "The place came first.")
    @Outcome(id = "interrupted, 0, 0", expect = ACCEPTABLE, desc = "The interrupt came first.")
    @Outcome(expect = FORBIDDEN, desc = "A place is lost, or somebody still waits for one.")
    @State
    public static class LeavesAgainstInterrupt {
        private final Admission admission = new Admission(1);
        private final Place place = enter(admission);
        private final Thread waiter = Thread.startVirtualThread(this::waitForIt);
        private volatile String end = "";

        public LeavesAgainstInterrupt() {
            while (admission.waiting() == 0) {
                Thread.onSpinWait();
            }
        }

        private static Place enter(Admission admission) {
            try {
                return admission.enter(Deadline.after(Duration.ofDays(1)));
            } catch (TooLateException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private void waitForIt() {
            try (Place _ = admission.enter(Deadline.after(Duration.ofDays(1)))) {
                end = "entered";
            } catch (TooLateException e) {
                end = "too late";
            } catch (InterruptedException e) {
                end = "interrupted";
            }
        }

        private void awaitEnd() {
            try {
                waiter.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Actor
        public void leaves() {
            place.close();
        }

        @Actor
        public void interrupts() {
            waiter.interrupt();
        }

        @Arbiter
        public void result(LII_Result r) {
            awaitEnd();
            r.r1 = end;
            r.r2 = admission.inside();
            r.r3 = admission.waiting();
        }
    }
}
