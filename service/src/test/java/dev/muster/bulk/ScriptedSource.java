package dev.muster.bulk;

import dev.muster.backend.BackendException;
import dev.muster.backend.CallContext;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.concurrent.FanOut;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import dev.muster.config.Handling;
import dev.muster.problem.RequestCancelled;
import dev.muster.testing.Await;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;

/** A source whose fetches wait until the test ends them. Each has its own fan-out, as a real fetch has. */
final class ScriptedSource implements ProfileSource {
    private final DeadlineTicker ticker;
    private final List<Fetch> fetches = new CopyOnWriteArrayList<>();

    ScriptedSource(DeadlineTicker ticker) {
        this.ticker = ticker;
    }

    @Override
    public Fetched fetch(
            String id, Deadline deadline, Handling handling, Cancellation cancellation, CallContext context)
            throws BackendException {
        Fetch fetch = new Fetch(id, cancellation);
        fetches.add(fetch);
        Branch<Fetched> call;
        try (FanOut fanOut = FanOut.open(ticker, cancellation, deadline, _ -> false)) {
            call = fanOut.fork("call", _ -> fetch.await());
            fanOut.join();
        }
        fetch.callEnded.complete(call.outcome());
        return switch (call.outcome()) {
            case Outcome.Success<Fetched> success -> success.value();
            case Outcome.Failed<Fetched> failed -> throw rethrown(failed.cause());
            case Outcome.Cancelled<Fetched> cancelled ->
                throw new RequestCancelled(cancelled.cause(), "Cancelled for " + cancelled.cause() + ".");
            case Outcome.TimedOut<Fetched> _ -> throw new AssertionError("a branch without its own timeout");
        };
    }

    private static RuntimeException rethrown(Throwable thrown) throws BackendException {
        switch (thrown) {
            case BackendException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(thrown);
        }
    }

    int begun() {
        return fetches.size();
    }

    void awaitBegun(int count) {
        Await.until(count + " fetches have begun", () -> fetches.size() >= count);
    }

    /** Waits for the fetch of {@code id} to begin. */
    Fetch of(String id) {
        Await.until("the fetch of " + id + " has begun", () -> find(id) != null);
        return find(id);
    }

    private Fetch find(String id) {
        return fetches.stream().filter(fetch -> fetch.id.equals(id)).findFirst().orElse(null);
    }

    /** One waiting fetch. */
    static final class Fetch {
        private final String id;
        private final Cancellation cancellation;
        private final Thread worker = Thread.currentThread();
        private final CompletableFuture<Fetched> end = new CompletableFuture<>();
        private final CompletableFuture<Outcome<Fetched>> callEnded = new CompletableFuture<>();
        private final CompletableFuture<Thread> interrupted = new CompletableFuture<>();
        private volatile boolean stubborn;

        private Fetch(String id, Cancellation cancellation) {
            this.id = id;
            this.cancellation = cancellation;
        }

        private Fetched await() throws Exception {
            while (true) {
                try {
                    return end.get();
                } catch (InterruptedException e) {
                    interrupted.complete(Thread.currentThread());
                    if (!stubborn) {
                        throw e;
                    }
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case Exception cause -> throw cause;
                        case Error cause -> throw cause;
                        default -> throw e;
                    }
                }
            }
        }

        /** Makes its call ignore interrupts. */
        void beStubborn() {
            stubborn = true;
        }

        /** Ends the fetch with a complete profile of {@code bytes}. */
        void succeed(int bytes) {
            end.complete(new Fetched("x".repeat(bytes).getBytes(StandardCharsets.US_ASCII), true));
        }

        void succeedPartially() {
            end.complete(new Fetched("{}".getBytes(StandardCharsets.US_ASCII), false));
        }

        void fail(Throwable thrown) {
            end.completeExceptionally(thrown);
        }

        /** Waits for the interrupt of its call. */
        void awaitInterrupt() {
            Await.result(interrupted);
        }

        /** Waits for the outcome of its call. */
        Outcome<Fetched> outcome() {
            return Await.result(callEnded);
        }

        /** The cause of its cancellation; null if not cancelled. */
        Cause cause() {
            return cancellation.cause();
        }

        Cancellation cancellation() {
            return cancellation;
        }

        Thread worker() {
            return worker;
        }
    }
}
