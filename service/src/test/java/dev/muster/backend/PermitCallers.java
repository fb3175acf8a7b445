package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.Permits.FullException;
import dev.muster.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Callers who want permits, each on a thread of its own, which ends when it is known whether it gets one. */
final class PermitCallers implements AutoCloseable {
    enum End {
        GRANTED,
        INTERRUPTED,
        TURNED_AWAY
    }

    private final Permits permits;
    private final List<Caller> all = new ArrayList<>();

    PermitCallers(Permits permits) {
        this.permits = permits;
    }

    /** One of whom it is not said what becomes of it. */
    Caller arrive(CallClass callClass) {
        Caller caller = new Caller(callClass, all.size());
        all.add(caller);
        caller.thread.start();
        return caller;
    }

    /** One that waits by now. */
    Caller waiting(CallClass callClass) {
        int before = permits.waiting();
        Caller caller = arrive(callClass);
        Await.until(caller + " waits", () -> permits.waiting() == before + 1);
        return caller;
    }

    /** One that has a permit by now, and did not have to wait for another to give it back. */
    void takeAtOnce(CallClass callClass) {
        arrive(callClass).assertGranted();
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
        private final int number;
        private final CompletableFuture<End> end = new CompletableFuture<>();
        private final Thread thread = Thread.ofVirtual().unstarted(this::acquire);

        private Caller(CallClass callClass, int number) {
            this.callClass = callClass;
            this.number = number;
        }

        private void acquire() {
            try {
                permits.acquire(callClass);
                end.complete(End.GRANTED);
            } catch (InterruptedException e) {
                end.complete(End.INTERRUPTED);
            } catch (FullException e) {
                end.complete(End.TURNED_AWAY);
            }
        }

        CallClass callClass() {
            return callClass;
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
