package dev.muster.profile;

import dev.muster.backend.BackendClient;
import dev.muster.backend.BackendException;
import dev.muster.backend.TurnTooLateException;
import dev.muster.concurrent.Deadline;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Admits a request to its fan-out, with a permit of the backend with the longest queue.
 *
 * <p>A request that waits before its fan-out costs one thread, within it one more for each call. And a request in its
 * fan-out without a permit of the busiest backend keeps the others busy for an answer that may come too late. So a
 * request waits once, for the busiest of its needed backends, and begins with a permit of this one. At the others its
 * calls overtake requests that are not admitted. A request that cannot be in time is rejected at once, by the arithmetic
 * of the backend's queue.
 *
 * <p>Safe for use by any thread.
 */
public final class Admission {
    private final LongAdder inside = new LongAdder();
    private final LongAdder waiting = new LongAdder();

    /** An admitted request, until it is closed. Used by one thread. */
    final class Place implements AutoCloseable {
        private final BackendClient<?> client;
        private final BackendClient.Turn turn;

        private Place(BackendClient<?> client, BackendClient.Turn turn) {
            this.client = client;
            this.turn = turn;
            inside.increment();
        }

        /** The request's turn at {@code other}; null if it did not wait there. */
        BackendClient.@Nullable Turn turnAt(BackendClient<?> other) {
            return other == client ? turn : null;
        }

        @Override
        public void close() {
            turn.close();
            inside.decrement();
        }
    }

    /**
     * Waits until the request is admitted.
     *
     * @param needed the backends that an answer needs, at least one
     * @param deadline of the calls
     * @throws TurnTooLateException if the turn would be too late, or has turned out to be when it came
     * @throws BackendException.Overloaded if too many requests wait for a backend
     * @throws InterruptedException if the caller was interrupted in its wait; it has no place then
     */
    Place enter(List<BackendClient<?>> needed, Deadline deadline)
            throws TurnTooLateException, BackendException, InterruptedException {
        BackendClient<?> busiest = busiest(needed);
        BackendClient.Turn turn = awaitTurn(busiest, deadline);
        // Meanwhile another backend may have become slower: admitted requests wait there.
        for (int moves = 1; moves < needed.size(); moves++) {
            BackendClient<?> slower = busiest(needed);
            if (slower == busiest || !slower.isBackedUp()) {
                break;
            }
            turn.close();
            busiest = slower;
            turn = awaitTurn(busiest, deadline);
        }
        return new Place(busiest, turn);
    }

    private BackendClient.Turn awaitTurn(BackendClient<?> client, Deadline deadline)
            throws TurnTooLateException, BackendException, InterruptedException {
        waiting.increment();
        try {
            return client.awaitTurn(deadline);
        } finally {
            waiting.decrement();
        }
    }

    private static BackendClient<?> busiest(List<BackendClient<?>> clients) {
        BackendClient<?> busiest = clients.getFirst();
        double most = busiest.pressure();
        for (int i = 1; i < clients.size(); i++) {
            double pressure = clients.get(i).pressure();
            if (pressure > most) {
                busiest = clients.get(i);
                most = pressure;
            }
        }
        return busiest;
    }

    /** The admitted requests that have not ended. */
    public int inside() {
        return inside.intValue();
    }

    /** The requests that wait to be admitted. */
    public int waiting() {
        return waiting.intValue();
    }
}
