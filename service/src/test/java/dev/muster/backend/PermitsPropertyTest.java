package dev.muster.backend;

import static dev.muster.backend.CallClass.ADMITTED;
import static dev.muster.backend.CallClass.BULK;
import static dev.muster.backend.CallClass.SINGLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.PermitCallers.Caller;
import dev.muster.backend.PermitCallers.End;
import dev.muster.backend.Permits.Permit;
import dev.muster.backend.Permits.QueueFullException;
import dev.muster.concurrent.Deadline;
import dev.muster.testing.Await;
import dev.muster.testing.Soak;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Permits under random use. Every run draws the same numbers, unless {@code -Dmuster.test.seed=N} sets another seed.
 * Races may end differently.
 */
class PermitsPropertyTest {
    private static final long SEED = Long.getLong("muster.test.seed", 1);
    private static final String SEEDED = "-Dmuster.test.seed=" + SEED;

    @Test
    void whateverHappensInWhateverOrderTheRulesAreKept() {
        Random random = new Random(SEED);
        Map<CallClass, Integer> handedOn = new EnumMap<>(CallClass.class);
        for (int round = 0; round < Soak.times(100, 3000); round++) {
            Played played = new Played(random);
            try {
                for (int step = 0; step < 100; step++) {
                    played.step();
                }
            } catch (AssertionError e) {
                throw new AssertionError(SEEDED + ", round " + round + ": " + played, e);
            } finally {
                played.callers.close();
            }
            played.handedOn.forEach((callClass, count) -> handedOn.merge(callClass, count, Integer::sum));
        }
        assertThat(handedOn).as("interrupted as they were granted").containsOnlyKeys(CallClass.values());
    }

    /** Permits, with a model of their rules: which callers must hold one, and which must wait. */
    private static final class Played {
        private final Random random;
        private final int total;
        private final int bulkTotal;
        private final int maxWaiting;
        private final Permits permits;
        private final PermitCallers callers;
        private final List<Caller> holding = new ArrayList<>();
        private final List<Caller> waiting = new ArrayList<>();
        private final Map<CallClass, Integer> handedOn = new EnumMap<>(CallClass.class);
        private String last = "";

        Played(Random random) {
            this.random = random;
            total = 1 + random.nextInt(6);
            bulkTotal = 1 + random.nextInt(total);
            maxWaiting = random.nextInt(5);
            permits = new Permits(total, bulkTotal, maxWaiting);
            callers = new PermitCallers(permits);
        }

        void step() {
            int dice = random.nextInt(10);
            if (dice < 5) {
                arrive(dice < 1 ? ADMITTED : dice < 3 ? SINGLE : BULK);
            } else if (dice < 7) {
                release();
            } else if (dice < 8) {
                interruptAWaiter();
            } else {
                releaseAndInterruptTheNext();
            }
            callers.assertState(holding.size(), waiting.size());
        }

        private void arrive(CallClass callClass) {
            last = callClass + " arrives";
            boolean full = count(waiting, SINGLE) >= maxWaiting;
            Caller caller = callers.arrive(callClass);
            waiting.add(caller);
            if (next() == caller) {
                grantTheNext();
            } else if (callClass == SINGLE && full) {
                waiting.remove(caller);
                assertThat(caller.end()).as(caller.toString()).isEqualTo(End.QUEUE_FULL);
            } else {
                Await.until(caller + " waits", () -> permits.waiting() == waiting.size());
            }
        }

        private void release() {
            if (!holding.isEmpty()) {
                Caller holder = holding.remove(random.nextInt(holding.size()));
                last = holder + " releases";
                holder.release();
                grantTheNext();
            }
        }

        private void interruptAWaiter() {
            if (!waiting.isEmpty()) {
                Caller waiter = waiting.remove(random.nextInt(waiting.size()));
                last = waiter + " is interrupted";
                waiter.interrupt();
                assertThat(waiter.end()).as(waiter.toString()).isEqualTo(End.INTERRUPTED);
            }
        }

        private void releaseAndInterruptTheNext() {
            if (holding.isEmpty() || waiting.isEmpty()) {
                return;
            }
            Caller holder = holding.remove(random.nextInt(holding.size()));
            Caller next = next();
            last = holder + " releases, " + next + " is interrupted";
            holder.release();
            if (next == null) {
                return;
            }
            next.interrupt();
            waiting.remove(next);
            if (next.end() == End.INTERRUPTED) {
                handedOn.merge(next.callClass(), 1, Integer::sum);
                grantTheNext();
            } else {
                holding.add(next);
            }
        }

        /** The waiter that may have a permit now, or null. */
        private Caller next() {
            if (holding.size() == total) {
                return null;
            }
            return waiting.stream()
                    .filter(caller -> caller.callClass() != BULK || count(holding, BULK) < bulkTotal)
                    .min(Comparator.comparing(Caller::callClass))
                    .orElse(null);
        }

        private void grantTheNext() {
            Caller next = next();
            if (next != null) {
                next.assertGranted();
                waiting.remove(next);
                holding.add(next);
            }
            assertThat(next()).as("no other waiter may have a permit").isNull();
        }

        private static int count(List<Caller> some, CallClass callClass) {
            return (int) some.stream()
                    .filter(caller -> caller.callClass() == callClass)
                    .count();
        }

        @Override
        public String toString() {
            return total + " permits, " + bulkTotal + " for bulk, " + maxWaiting + " may wait; " + holding + " hold, "
                    + waiting + " wait; " + last;
        }
    }

    @Test
    void ofManyWhoComeAndGoAndAreInterruptedNoneExceedsTheLimitsAndNoPermitIsLost() {
        Crowd crowd = new Crowd(new Permits(4, 2, 3), 16);

        crowd.run();

        assertThat(crowd.mostHeld).as(SEEDED).hasValue(4);
        assertThat(crowd.mostHeldByBulk).as(SEEDED).hasValue(2);
        try (PermitCallers after = new PermitCallers(crowd.permits)) {
            after.assertState(0, 0);
            after.takeAtOnce(BULK);
            after.takeAtOnce(BULK);
            after.waiting(BULK);
            after.takeAtOnce(SINGLE);
            after.takeAtOnce(SINGLE);
        }
    }

    /** Callers that take and release permits as fast as they can, and interrupt each other. */
    private static final class Crowd {
        private final Permits permits;
        private final List<Thread> members = new ArrayList<>();
        private final AtomicInteger held = new AtomicInteger();
        private final AtomicInteger mostHeld = new AtomicInteger();
        private final AtomicInteger heldByBulk = new AtomicInteger();
        private final AtomicInteger mostHeldByBulk = new AtomicInteger();

        Crowd(Permits permits, int size) {
            this.permits = permits;
            for (int i = 0; i < size; i++) {
                Random random = new Random(SEED + i);
                members.add(Thread.ofVirtual().unstarted(() -> comeAndGo(random)));
            }
        }

        void run() {
            members.forEach(Thread::start);
            members.forEach(Await::end);
        }

        private void comeAndGo(Random random) {
            List<CallClass> classes = List.of(CallClass.values());
            for (int i = 0; i < Soak.times(2000, 20_000); i++) {
                once(classes.get(random.nextInt(classes.size())));
                if (random.nextInt(4) == 0) {
                    members.get(random.nextInt(members.size())).interrupt();
                }
            }
        }

        private void once(CallClass callClass) {
            Permit permit;
            try {
                permit = permits.acquire(callClass, Deadline.after(Duration.ofDays(1)));
            } catch (InterruptedException | QueueFullException e) {
                return;
            } catch (TurnTooLateException e) {
                throw new AssertionError(e);
            }
            hold(held, mostHeld);
            if (callClass == BULK) {
                hold(heldByBulk, mostHeldByBulk);
            }
            // Lets others run. Otherwise they would find every permit free.
            LockSupport.parkNanos(1);
            if (callClass == BULK) {
                heldByBulk.decrementAndGet();
            }
            held.decrementAndGet();
            permit.close();
        }

        private static void hold(AtomicInteger now, AtomicInteger most) {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
        }
    }
}
