package dev.muster.lifecycle;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.muster.concurrent.Cancellation;
import java.time.Duration;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Requests that begin during a shutdown. */
final class InFlightRaces {
    private InFlightRaces() {}

    @JCStressTest
    @Description("A request begins while all are cancelled: it is cancelled, too.")
    @Outcome(id = "SHUTDOWN", expect = ACCEPTABLE, desc = "cancelled by the later of the two")
    @Outcome(expect = FORBIDDEN, desc = "a request that nobody cancels")
    @State
    public static class AddAndClose {
        private final InFlight inFlight = new InFlight();
        private final Request request = new Request(new Cancellation());

        @Actor
        public void connection() {
            inFlight.add(request);
        }

        @Actor
        public void shutdown() {
            inFlight.close();
        }

        @Arbiter
        public void result(L_Result result) {
            result.r1 = String.valueOf(request.cancellation().cause());
        }
    }

    private record Request(Cancellation cancellation) implements InFlight.Request {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public String requestId() {
            return "1";
        }

        @Override
        public Duration age() {
            return Duration.ZERO;
        }

        @Override
        public List<String> waitingFor() {
            return List.of();
        }

        @Override
        public Thread thread() {
            return Thread.currentThread();
        }

        @Override
        public boolean endedByShutdown() {
            return false;
        }
    }
}
