package dev.muster.backend;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.backend.ConnectionPool.Lease;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.ManualTicker;
import java.time.Duration;
import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** Callers take and release connections, as others do, as a sweep runs and as the pool closes. */
final class PoolRaces {
    private static final CallContext CONTEXT = new CallContext(0, "id", null, null, Map.of(), CallClass.SINGLE);

    private PoolRaces() {}

    /** A pool with two permits, its sockets and its clock. */
    private static final class Pool {
        private final Sockets sockets = new Sockets();
        private final ManualTicker time = new ManualTicker();
        private final ConnectionPool pool;

        Pool(Duration idleTimeout) {
            pool = new ConnectionPool(sockets, new Permits(2, 2, 0), idleTimeout, time.ticker());
        }

        /** A pool with one idle connection. */
        static Pool withIdle(Duration idleTimeout) {
            Pool made = new Pool(idleTimeout);
            try (Lease lease = made.acquire()) {
                lease.markReusable();
            }
            return made;
        }

        Lease acquire() {
            try {
                return pool.lease(
                        pool.permits().acquire(CallClass.SINGLE, Deadline.after(Duration.ofDays(1))),
                        new CallTimes(CONTEXT));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        /** How many connections are open, and how many permits are in use. */
        String state() {
            return sockets.open() + " open, " + pool.activeCount() + " active";
        }
    }

    @JCStressTest
    @Description("Two callers acquire, and one connection is idle: one gets it, the other a new one.")
    @Outcome(id = "reused, new, 2 open, 2 active", expect = ACCEPTABLE, desc = "the first got it")
    @Outcome(id = "new, reused, 2 open, 2 active", expect = ACCEPTABLE, desc = "the second got it")
    @Outcome(id = "same, same, .*", expect = FORBIDDEN, desc = "both got the same")
    @Outcome(expect = FORBIDDEN, desc = "a connection was passed over, or a permit miscounted")
    @State
    public static class AcquireAndAcquire {
        private final Pool pool = Pool.withIdle(Duration.ofHours(1));
        private Lease first;
        private Lease second;

        @Actor
        public void first() {
            first = pool.acquire();
        }

        @Actor
        public void second() {
            second = pool.acquire();
        }

        @Arbiter
        public void afterwards(LLL_Result r) {
            boolean same = first.connection() == second.connection();
            r.r1 = same ? "same" : how(first);
            r.r2 = same ? "same" : how(second);
            r.r3 = pool.state();
        }

        private static String how(Lease lease) {
            return lease.connection().reused() ? "reused" : "new";
        }
    }

    @JCStressTest
    @Description("A lease ends as the pool closes: one of them closes the connection.")
    @Outcome(id = "0 open, 0 active", expect = ACCEPTABLE, desc = "closed")
    @Outcome(id = "1 open, .*", expect = FORBIDDEN, desc = "a connection without an owner stays open")
    @Outcome(expect = FORBIDDEN, desc = "a permit is lost or added")
    @State
    public static class ReleaseAndClose {
        private final Pool pool = new Pool(Duration.ofHours(1));
        private final Lease lease = pool.acquire();

        public ReleaseAndClose() {
            lease.markReusable();
        }

        @Actor
        public void release() {
            lease.close();
        }

        @Actor
        public void close() {
            pool.pool.close();
        }

        @Arbiter
        public void afterwards(LL_Result r) {
            r.r1 = pool.sockets.open() + " open";
            r.r2 = pool.pool.activeCount() + " active";
        }
    }

    @JCStressTest
    @Description("A call begins and ends as the pool closes: no connection stays open.")
    @Outcome(id = "0 open, 0 active", expect = ACCEPTABLE, desc = "closed")
    @Outcome(id = "[12] open, .*", expect = FORBIDDEN, desc = "a connection without an owner stays open")
    @Outcome(expect = FORBIDDEN, desc = "a permit is lost or added")
    @State
    public static class AcquireAndClose {
        private final Pool pool = Pool.withIdle(Duration.ofHours(1));

        @Actor
        public void call() {
            try (Lease lease = pool.acquire()) {
                lease.markReusable();
            }
        }

        @Actor
        public void close() {
            pool.pool.close();
        }

        @Arbiter
        public void afterwards(LL_Result r) {
            r.r1 = pool.sockets.open() + " open";
            r.r2 = pool.pool.activeCount() + " active";
        }
    }

    @JCStressTest
    @Description("A caller acquires during the sweep of the idle connection: it gets that one, open, or a new one.")
    @Outcome(id = "1 of 1 open", expect = ACCEPTABLE, desc = "acquired before the sweep")
    @Outcome(id = "1 of 2 open", expect = ACCEPTABLE, desc = "swept first, and a new one opened")
    @Outcome(id = "0 of .*", expect = FORBIDDEN, desc = "the caller got a connection that the sweep closed")
    @Outcome(expect = FORBIDDEN, desc = "swept from the pool, but still open")
    @State
    public static class AcquireAndSweep {
        private final Pool pool = Pool.withIdle(Duration.ZERO);

        @Actor
        public void acquire() {
            pool.acquire();
        }

        @Actor
        public void sweep() {
            pool.time.passTime();
        }

        @Arbiter
        public void afterwards(L_Result r) {
            r.r1 = pool.sockets.open() + " of " + pool.sockets.count() + " open";
        }
    }
}
