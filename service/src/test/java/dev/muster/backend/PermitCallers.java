package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.Permits.Permit;
import dev.muster.backend.Permits.QueueFullException;
import dev.muster.concurrent.Deadline;
import dev.muster.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Callers who want permits, each on a thread of its own, which ends when it is known whether it gets one. */
final class PermitCallers implements AutoCloseable {
    enum End {
        GRANTED,
        INTERRUPTED,
        QUEUE_FULL,
        TOO_LATE
    }

    private static final Duration LONG = Duration.ofDays(1);

    private final Permits permits;
    private final List<Caller> all = new ArrayList<>();

    PermitCallers(Permits permits) {
        this.permits = permits;
    }

    /** One of whom it is not said what becomes of it. */
    Caller arrive(CallClass callClass) {
        return arrive(callClass, Deadline.after(LONG));
    }

    Caller arrive(CallClass callClass, Deadline deadline) {
        Caller caller = new Caller(callClass, deadline, all.size());
        all.add(caller);
        caller.thread.start();
        return caller;
    }

    /** One that waits by now. */
    Caller waiting(CallClass callClass) {
        return waiting(callClass, Deadline.after(LONG));
    }

    Caller waiting(CallClass callClass, Deadline deadline) {
        int before = permits.waiting();
        Caller caller = arrive(callClass, deadline);
        Await.until(caller + " waits", () -> permits.waiting() == before + 1);
        return caller;
    }

    /** One that has a permit by now, and did not have to wait for another to give it back. */
    Caller takeAtOnce(CallClass callClass) {
        Caller caller = arrive(callClass);
        caller.assertGranted();
        return caller;
    }

    /** Gives back the permit that was granted first of those that callers of this class hold. */
    void release(CallClass callClass) {
        all.stream()
                .filter(caller -> caller.callClass == callClass && caller.holds())
                .findFirst()
                .orElseThrow()
                .release();
    }

    void assertState(int taken, int waiting) {
        assertThat(permits.taken()).as("taken").isEqualTo(taken);
        assertThat(permits.waiting()).as("waiting").isEqualTo(waiting);
    }

    /** Ends those that wait. */
    @Override
    public void close() {
        all.forEach(Caller::interrupt);
        all.forEach(caller -> Await.end(caller.thread));
    }

    final class Caller {
        private final CallClass callClass;
        private final Deadline deadline;
        private final int number;
        /** Until it is given back. Written by the caller's thread before its end is known, then the test's alone. */
        private Permit permit;

        private final CompletableFuture<End> end = new CompletableFuture<>();
        private final Thread thread = Thread.ofVirtual().unstarted(this::acquire);

        private Caller(CallClass callClass, Deadline deadline, int number) {
            this.callClass = callClass;
            this.deadline = deadline;
            this.number = number;
        }

        private void acquire() {
            try {
                permit = permits.acquire(callClass, deadline);
                end.complete(End.GRANTED);
            } catch (InterruptedException e) {
                end.complete(End.INTERRUPTED);
            } catch (QueueFullException e) {
                end.complete(End.QUEUE_FULL);
            } catch (TurnTooLateException e) {
                end.complete(End.TOO_LATE);
            }
        }

        CallClass callClass() {
            return callClass;
        }

        private boolean holds() {
            return end.isDone() && permit != null;
        }

        /** Gives back the permit that it has by now. */
        void release() {
            assertGranted();
            permit.close();
            permit = null;
        }

        void interrupt() {
            thread.interrupt();
        }

        End end() {
            return Await.result(end);
        }

        void assertGranted() {
            assertThat(end()).as(toString()).isEqualTo(End.GRANTED);
        }

        @Override
        public String toString() {
            return callClass + " " + number;
        }
    }
}
