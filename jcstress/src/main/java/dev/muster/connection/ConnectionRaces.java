package dev.muster.connection;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.concurrent.Deadline;
import dev.muster.connection.PhaseTimer.Phase;
import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Races of a connection's own thread, the guard's and the one that reads ahead. */
final class ConnectionRaces {
    private ConnectionRaces() {}

    @JCStressTest
    @Description("The guard cuts a connection that enters its next phase: one of the two comes first.")
    @Outcome(id = "BODY, stopped", expect = ACCEPTABLE, desc = "cut in the phase that took too long")
    @Outcome(id = "none, entered", expect = ACCEPTABLE, desc = "the next phase began in time")
    @Outcome(id = "BODY, entered", expect = FORBIDDEN, desc = "a request is served on a cut connection")
    @Outcome(expect = FORBIDDEN, desc = "cut for a phase that had time left, or for none")
    @State
    public static class CheckAndEnter {
        private final PhaseTimer timer = new PhaseTimer(Duration.ofMinutes(1));

        public CheckAndEnter() {
            timer.enter(Phase.BODY, Duration.ZERO);
        }

        @Actor
        public void guard(LL_Result result) {
            result.r1 = "none";
            timer.check(Deadline.after(Duration.ZERO), phase -> {
                result.r1 = phase.name();
                timer.stop();
                return true;
            });
        }

        @Actor
        public void connection(LL_Result result) {
            try {
                timer.enter(Phase.SERVING, Duration.ofMinutes(1));
                result.r2 = "entered";
            } catch (CloseConnectionException e) {
                result.r2 = "stopped";
            }
        }
    }

    @JCStressTest
    @Description("A shutdown closes an idle connection while a request begins on it: one of the two happens.")
    @Outcome(id = "IDLE, stopped", expect = ACCEPTABLE, desc = "closed before the request")
    @Outcome(id = "none, entered", expect = ACCEPTABLE, desc = "the request came first")
    @Outcome(id = "IDLE, entered", expect = FORBIDDEN, desc = "a request is lost on a closed connection")
    @Outcome(expect = FORBIDDEN, desc = "closed in the middle of a request")
    @State
    public static class CutShortAndEnter {
        private final PhaseTimer timer = new PhaseTimer(Duration.ofMinutes(1));

        @Actor
        public void guard(LL_Result result) {
            result.r1 = "none";
            timer.cutShort(Set.of(Phase.IDLE), phase -> {
                result.r1 = phase.name();
                timer.stop();
                return true;
            });
        }

        @Actor
        public void connection(LL_Result result) {
            try {
                timer.enter(Phase.HEAD, Duration.ofMinutes(1));
                result.r2 = "entered";
            } catch (CloseConnectionException e) {
                result.r2 = "stopped";
            }
        }
    }

    @JCStressTest
    @Description(
            "A connection is evicted while a request begins or ends on it: neither during the request nor after it.")
    @Outcome(id = "true, stopped", expect = ACCEPTABLE, desc = "evicted before the request")
    @Outcome(id = "false, served", expect = ACCEPTABLE, desc = "the request came first, and a new idle time began")
    @Outcome(
            expect = FORBIDDEN,
            desc = "a request is lost on a closed connection, or a new idle time is taken for the old")
    @State
    public static class EvictAndServe {
        private final PhaseTimer timer = new PhaseTimer(Duration.ofMinutes(1));
        private final Deadline idleUntil = timer.idleUntil();

        @Actor
        public void newcomer(LL_Result result) {
            result.r1 = timer.cutShort(idleUntil, _ -> {
                timer.stop();
                return true;
            });
        }

        @Actor
        public void connection(LL_Result result) {
            try {
                timer.enter(Phase.HEAD, Duration.ofMinutes(1));
            } catch (CloseConnectionException e) {
                result.r2 = "stopped";
                return;
            }
            try {
                timer.enter(Phase.IDLE, Duration.ofMinutes(1));
                result.r2 = "served";
            } catch (CloseConnectionException e) {
                result.r2 = "closed in its midst";
            }
        }
    }

    @JCStressTest
    @Description("Two newcomers want the one place while its idle holder ends by itself: one gets it, or both in turn.")
    @Outcome(
            id = "true, true, 1",
            expect = ACCEPTABLE,
            desc = "the second evicted the first, or came when it was free again")
    @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "one of them has it")
    @Outcome(id = "false, true, 1", expect = ACCEPTABLE, desc = "one of them has it")
    @Outcome(expect = FORBIDDEN, desc = "the place is lost, or there are two")
    @State
    public static class EvictAndLeave {
        private final Places places = new Places(1, Duration.ofMinutes(1), Duration.ZERO, System::nanoTime);
        private final IdleHolder holder = new IdleHolder();
        private final IdleHolder first = new IdleHolder();
        private final IdleHolder second = new IdleHolder();

        public EvictAndLeave() {
            places.takeFree(holder);
        }

        @Actor
        public void leave() {
            places.leave(holder);
        }

        @Actor
        public void first(ZZI_Result result) {
            result.r1 = take(first);
        }

        @Actor
        public void second(ZZI_Result result) {
            result.r2 = take(second);
        }

        private boolean take(IdleHolder newcomer) {
            try {
                return places.take(newcomer);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Arbiter
        public void result(ZZI_Result result) {
            result.r3 = places.taken() + (places.takeFree(new IdleHolder()) ? 1 : 0);
        }
    }

    /** Idle from the beginning until it is evicted. */
    private static final class IdleHolder implements Places.Holder {
        private final AtomicReference<Deadline> idleUntil =
                new AtomicReference<>(Deadline.after(Duration.ofMinutes(1)));

        @Override
        public Deadline idleUntil() {
            return idleUntil.get();
        }

        @Override
        public boolean hasArrived() {
            return true;
        }

        @Override
        public boolean evict(Deadline until) {
            return idleUntil.compareAndSet(until, null);
        }
    }

    @JCStressTest
    @Description("Bytes arrive while their reader is given up: it reads them, or learns of it; the wait ends.")
    @Outcome(id = "1, .*", expect = ACCEPTABLE, desc = "the bytes came first")
    @Outcome(id = "0, .*", expect = ACCEPTABLE, desc = "given up first")
    @Outcome(expect = FORBIDDEN, desc = "bytes out of nothing")
    @State
    public static class ArriveAndGiveUp extends Reading {
        @Actor
        public void client() {
            socket.send();
        }

        @Actor
        public void guard() {
            input.giveUp();
        }

        @Arbiter
        public void result(LL_Result result) {
            result.r1 = Integer.toString(awaitRead());
            result.r2 = Boolean.toString(input.isGivenUp());
            socket.end();
            input.close();
        }
    }

    @JCStressTest
    @Description("The guard begins to watch a client as its last bytes arrive: the end behind them is noticed once.")
    @Outcome(id = "false, 1, 1", expect = ACCEPTABLE, desc = "noticed by the thread that reads ahead")
    @Outcome(expect = FORBIDDEN, desc = "bytes are lost, or the client's end is noticed never or twice")
    @State
    public static class ArriveAndWatch extends Reading {
        @Actor
        public void client() {
            socket.send();
        }

        @Actor
        public void guard(ZII_Result result) {
            result.r1 = input.watch();
        }

        @Arbiter
        public void result(ZII_Result result) {
            result.r2 = awaitRead();
            socket.end();
            input.close();
            result.r3 = ends.get();
        }
    }

    /** A connection's own thread that waits for bytes, until it is given up. */
    abstract static class Reading {
        final ScriptedSocket socket = new ScriptedSocket();
        final AtomicInteger ends = new AtomicInteger();
        final ClientInput input = new ClientInput(socket, Thread.ofVirtual().factory(), ends::incrementAndGet);
        private final AtomicInteger read = new AtomicInteger();
        private final Thread thread;

        Reading() {
            CountDownLatch began = socket.began();
            thread = Thread.startVirtualThread(() -> {
                byte[] bytes = input.readWithin();
                read.set(bytes == null ? 0 : bytes.length);
            });
            await(began);
        }

        int awaitRead() {
            try {
                thread.join();
                return read.get();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
