package dev.muster.profile;

import dev.muster.backend.BackendCall;
import dev.muster.backend.BackendClient;
import dev.muster.backend.BackendException;
import dev.muster.backend.CallClass;
import dev.muster.backend.CallContext;
import dev.muster.backend.CallOutcome;
import dev.muster.backend.CallTimes;
import dev.muster.backend.TurnTooLateException;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.concurrent.FanOut;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import dev.muster.config.BackendName;
import dev.muster.config.Handling;
import dev.muster.metrics.CallMetrics;
import dev.muster.problem.RequestCancelled;
import dev.muster.problem.RequestRejected;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Joins the parts of a user's profile. Strict is all or nothing: the first failure decides, and cancels the other calls
 * ({@link FailurePolicy} has the rule). Lenient does without the backends that are not required, and keeps the answers
 * that were there at the deadline. Thread-safe.
 */
public final class ProfileService {
    private final List<Source<?>> sources;
    private final DeadlineTicker ticker;
    private final Duration reserve;
    private final Admission admission;
    private final CallMetrics metrics;
    private final Terms strict;
    private final Terms lenient;

    /** A part, and the client of its backend. */
    public record Source<T>(Part<T> part, BackendClient<T> client) {}

    /**
     * A service for the parts of {@code sources}.
     *
     * @param reserve the part of a deadline for the join and the answer
     * @param admission of single requests to the fan-out
     */
    public ProfileService(
            List<Source<?>> sources,
            DeadlineTicker ticker,
            Duration reserve,
            Admission admission,
            CallMetrics metrics) {
        this.sources = List.copyOf(sources);
        this.ticker = ticker;
        this.reserve = reserve;
        this.admission = admission;
        this.metrics = metrics;
        List<BackendClient<?>> all =
                sources.stream().<BackendClient<?>>map(Source::client).toList();
        this.strict = Terms.of(all);
        this.lenient = Terms.of(all.stream().filter(BackendClient::isRequired).toList());
    }

    /** The backends that a request needs, and the policy for their failures. */
    private record Terms(List<BackendClient<?>> needed, FailurePolicy policy) {
        static Terms of(List<BackendClient<?>> needed) {
            return new Terms(
                    needed,
                    new FailurePolicy(
                            needed.stream().map(BackendClient::name).collect(Collectors.toUnmodifiableSet())));
        }
    }

    /**
     * Fetches a profile: a complete one or, on lenient terms, a partial one.
     *
     * @param begun gets the calls once all have begun; they have ended when this returns or throws
     * @throws BackendException the deciding failure
     * @throws RequestRejected.TurnTooLate if the request's turn would come too late
     * @throws RequestCancelled if the calls were cancelled from outside before there was enough for an answer
     */
    public Profile fetch(ProfileQuery query, Consumer<List<BackendCall<?>>> begun) throws BackendException {
        Terms terms = query.handling() == Handling.LENIENT ? lenient : strict;
        FailurePolicy policy = terms.policy();
        Deadline deadline = query.deadline().minus(reserve);
        FanOut fanOut =
                FanOut.open(ticker, query.cancellation(), deadline, branches -> policy.decisive(branches) != null);
        Admission.@Nullable Place place = null;
        Map<BackendName, BackendCall<?>> byBackend = new EnumMap<>(BackendName.class);
        List<BackendCall<?>> calls;
        try (fanOut) {
            place = awaitTurn(terms, query, deadline);
            Fork fork = new Fork(fanOut, terms, query, deadline, place);
            for (Source<?> source : sources) {
                byBackend.put(source.part().backend(), fork.call(source));
            }
            calls = List.copyOf(byBackend.values());
            begun.accept(calls);
            fanOut.join();
        } finally {
            if (place != null) {
                place.close();
            }
        }
        Cause cause = query.cancellation().cause();
        count(calls, cause);
        List<Branch<?>> branches = new ArrayList<>(calls.size());
        for (BackendCall<?> call : calls) {
            branches.add(call.branch());
        }
        policy.requireEnough(branches, cause);
        return Profile.of(part -> value(byBackend.get(part.backend())), FailurePolicy.missing(branches));
    }

    /** The value of a call; null if it failed, or for no call. */
    private static @Nullable Object value(@Nullable BackendCall<?> call) {
        return call == null ? null : FailurePolicy.value(call.branch());
    }

    /**
     * Waits for the request's turn. Batches need none: their workers are few, and their calls give way to all others.
     *
     * @return null for a batch, or if the calls are cancelled
     */
    private Admission.@Nullable Place awaitTurn(Terms terms, ProfileQuery query, Deadline deadline)
            throws BackendException {
        if (query.context().callClass() == CallClass.BULK) {
            return null;
        }
        try {
            return admission.enter(terms.needed(), deadline);
        } catch (TurnTooLateException e) {
            throw new RequestRejected.TurnTooLate();
        } catch (InterruptedException e) {
            // The fan-out knows the meaning of the interrupt.
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Makes the calls of an admitted request, each on its own branch. */
    private record Fork(
            FanOut fanOut, Terms terms, ProfileQuery query, Deadline deadline, Admission.@Nullable Place place) {

        <T> BackendCall<T> call(Source<T> source) {
            BackendClient<T> client = source.client();
            CallTimes times = new CallTimes(query.context());
            BackendClient.Turn turn = place == null ? null : place.turnAt(client);
            // Calls of an admitted request do not wait behind requests that are not.
            CallContext context = place != null && terms.needed().contains(client)
                    ? query.context().asAdmitted()
                    : query.context();
            Branch<T> branch = fanOut.fork(client.name(), self -> {
                client.awaitRate(deadline, context);
                Deadline earlier = client.capped(deadline);
                self.cap(earlier);
                T value = turn == null
                        ? client.get(query.id(), earlier, context, times)
                        : client.get(query.id(), earlier, context, times, turn);
                source.part().check().check(value, query);
                return value;
            });
            return new BackendCall<>(branch, times);
        }
    }

    private void count(List<BackendCall<?>> calls, @Nullable Cause cause) {
        boolean cancelled = false;
        for (BackendCall<?> call : calls) {
            Outcome<?> outcome = call.outcome();
            cancelled |= outcome instanceof Outcome.Cancelled<?>;
            if (call.begun()) {
                metrics.ends(
                        call.backend(),
                        CallOutcome.word(outcome),
                        outcome.elapsed().toNanos());
            }
        }
        if (cancelled && cause != null) {
            metrics.cancelled(cause);
        }
    }
}
