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

/** Callers for permits, each on its own thread, which ends once the caller has a permit or an exception. */
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

    /** A caller with any outcome. */
    Caller arrive(CallClass callClass) {
        return arrive(callClass, Deadline.after(LONG));
    }

    Caller arrive(CallClass callClass, Deadline deadline) {
        Caller caller = new Caller(callClass, deadline, all.size());
        all.add(caller);
        caller.thread.start();
        return caller;
    }

    /** A caller that waits when this returns. */
    Caller waiting(CallClass callClass) {
        return waiting(callClass, Deadline.after(LONG));
    }

    Caller waiting(CallClass callClass, Deadline deadline) {
        int before = permits.waiting();
        Caller caller = arrive(callClass, deadline);
        Await.until(caller + " waits", () -> permits.waiting() == before + 1);
        return caller;
    }

    /** A caller that has a permit when this returns, without waiting for another caller's. */
    Caller takeAtOnce(CallClass callClass) {
        Caller caller = arrive(callClass);
        caller.assertGranted();
        return caller;
    }

    /** Releases the permit of the first caller of this class that holds one. */
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

    /** Interrupts the callers that wait. */
    @Override
    public void close() {
        all.forEach(Caller::interrupt);
        all.forEach(caller -> Await.end(caller.thread));
    }

    final class Caller {
        private final CallClass callClass;
        private final Deadline deadline;
        private final int number;
        /** Null once released. The caller's thread writes it before {@link #end}; then it is the test's alone. */
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

        /** Releases the permit, which the caller must have. */
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
