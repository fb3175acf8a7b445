package dev.muster.profile;

import dev.muster.backend.BackendClient;
import dev.muster.backend.BackendException;
import dev.muster.backend.TooLateException;
import dev.muster.concurrent.Deadline;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request begin when the backend that it would wait for longest has its turn for it.
 *
 * <p>A request that waits before its fan-out costs one thread, one that waits within it four. And a request that has
 * begun without its turn at the busiest backend keeps the others busy for an answer that may come too late. So it waits
 * once, for the backend with the most to wait for among those that it cannot do without, and begins with that one's
 * permit; at the others its calls go before those of requests that have not begun. Who cannot be in time is refused at
 * once, by the arithmetic of the backend's queue.
 *
 * <p>Safe for use by any thread.
 */
public final class Admission {
    private final LongAdder inside = new LongAdder();
    private final LongAdder waiting = new LongAdder();

    /** A request that has begun, until it is closed; by one thread. */
    final class Place implements AutoCloseable {
        private final BackendClient<?> client;
        private final BackendClient.Turn turn;

        private Place(BackendClient<?> client, BackendClient.Turn turn) {
            this.client = client;
            this.turn = turn;
            inside.increment();
        }

        /** The request's turn at {@code other}; null where it had none to wait for there. */
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
     * Waits until the request may begin.
     *
     * @param needed the backends without which there is no answer, at least one
     * @param deadline when the calls have to be over
     * @throws TooLateException if that would be too late; it may be that this turns out only when its turn comes
     * @throws BackendException.Rejected if a backend has too many that wait
     * @throws InterruptedException if the caller was interrupted while it waited; it has no place then
     */
    Place enter(List<BackendClient<?>> needed, Deadline deadline)
            throws TooLateException, BackendException, InterruptedException {
        BackendClient<?> busiest = busiest(needed);
        BackendClient.Turn turn = awaitTurn(busiest, deadline);
        // Meanwhile another may have turned out to be slower, which is seen by those that have begun and wait there.
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
            throws TooLateException, BackendException, InterruptedException {
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

    /** How many requests have begun and not ended. */
    public int inside() {
        return inside.intValue();
    }

    /** How many wait to begin. */
    public int waiting() {
        return waiting.intValue();
    }
}
