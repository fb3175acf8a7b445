package dev.muster.profile;

import dev.muster.backend.BackendCall;
import dev.muster.backend.BackendClient;
import dev.muster.backend.BackendException;
import dev.muster.backend.CallClass;
import dev.muster.backend.CallContext;
import dev.muster.backend.CallOutcome;
import dev.muster.backend.CallTimes;
import dev.muster.backend.TooLateException;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.concurrent.FanOut;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import dev.muster.config.Handling;
import dev.muster.http.RequestCancelled;
import dev.muster.http.RequestRejected;
import dev.muster.metrics.Metrics;
import dev.muster.profile.Profile.Friend;
import dev.muster.profile.Profile.Post;
import dev.muster.profile.Profile.User;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Joins what the three backends have about a user into a profile. Strict is all or nothing: the first failure decides,
 * and cancels the other calls ({@link Verdict} has the rule). Lenient goes without what is not required, and keeps what
 * has arrived when the deadline passes. Thread-safe.
 */
public final class ProfileService {
    private final BackendClient<User> users;
    private final BackendClient<List<Post>> posts;
    private final BackendClient<List<Friend>> friends;
    private final DeadlineTicker ticker;
    private final Duration reserve;
    private final Admission admission;
    private final Metrics metrics;
    private final Terms strict;
    private final Terms lenient;

    /**
     * A service on three backends.
     *
     * @param reserve what a deadline leaves for joining and answering
     * @param admission of single requests to the fan-out
     */
    public ProfileService(
            BackendClient<User> users,
            BackendClient<List<Post>> posts,
            BackendClient<List<Friend>> friends,
            DeadlineTicker ticker,
            Duration reserve,
            Admission admission,
            Metrics metrics) {
        this.users = users;
        this.posts = posts;
        this.friends = friends;
        this.ticker = ticker;
        this.reserve = reserve;
        this.admission = admission;
        this.metrics = metrics;
        List<BackendClient<?>> all = List.of(users, posts, friends);
        this.strict = Terms.of(all);
        this.lenient = Terms.of(all.stream().filter(BackendClient::isRequired).toList());
    }

    /** What a request cannot do without, and what that makes of its answer. */
    private record Terms(List<BackendClient<?>> needed, Verdict verdict) {
        static Terms of(List<BackendClient<?>> needed) {
            return new Terms(
                    needed,
                    new Verdict(needed.stream().map(BackendClient::name).collect(Collectors.toUnmodifiableSet())));
        }
    }

    /**
     * Fetches a profile, complete or, where that is allowed, partial.
     *
     * @param begun told of the calls once all have begun; they have ended when this returns, or throws
     * @throws BackendException the failure that decided
     * @throws RequestRejected.TooLate if its turn would come too late
     * @throws RequestCancelled if the calls were ended from outside before there was enough for an answer
     */
    public Profile fetch(ProfileQuery query, Consumer<List<BackendCall<?>>> begun) throws BackendException {
        Terms terms = query.handling() == Handling.LENIENT ? lenient : strict;
        Verdict verdict = terms.verdict();
        Deadline deadline = query.deadline().child(reserve);
        FanOut fanOut =
                FanOut.open(ticker, query.cancellation(), deadline, branches -> verdict.decisive(branches) != null);
        Admission.@Nullable Place place = null;
        BackendCall<User> user;
        BackendCall<List<Post>> post;
        BackendCall<List<Friend>> friend;
        List<BackendCall<?>> calls;
        try (fanOut) {
            place = awaitTurn(terms, query, deadline);
            Fork fork = new Fork(fanOut, terms, query, deadline, place);
            user = fork.call(users, ProfileService::sameUser);
            post = fork.call(posts, (list, _) -> list);
            friend = fork.call(friends, (list, _) -> list);
            calls = List.of(user, post, friend);
            begun.accept(calls);
            fanOut.join();
        } finally {
            if (place != null) {
                place.close();
            }
        }
        Cause cause = query.cancellation().cause();
        count(calls, cause);
        List<Branch<?>> branches = List.of(user.branch(), post.branch(), friend.branch());
        verdict.requireEnough(branches, cause);
        return new Profile(
                Objects.requireNonNull(Verdict.value(user.branch())),
                Verdict.value(post.branch()),
                Verdict.value(friend.branch()),
                Verdict.missing(branches));
    }

    /**
     * Waits for the request's turn. Not for a batch's: only so many ids are worked on, and their calls give way to all
     * others.
     *
     * @return null where there is no need to, or the calls are cancelled
     */
    private Admission.@Nullable Place awaitTurn(Terms terms, ProfileQuery query, Deadline deadline)
            throws BackendException {
        if (query.context().callClass() == CallClass.BULK) {
            return null;
        }
        try {
            return admission.enter(terms.needed(), deadline);
        } catch (TooLateException e) {
            throw new RequestRejected.TooLate();
        } catch (InterruptedException e) {
            // Told to the fan-out, which knows what it means.
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Makes the calls of a request that has begun, each on a branch of its own. */
    private static final class Fork {
        private final FanOut fanOut;
        private final Terms terms;
        private final ProfileQuery query;
        private final Deadline deadline;
        private final Admission.@Nullable Place place;
        /** Of calls that must not wait behind requests that have not begun. */
        private final CallContext begun;

        Fork(FanOut fanOut, Terms terms, ProfileQuery query, Deadline deadline, Admission.@Nullable Place place) {
            this.fanOut = fanOut;
            this.terms = terms;
            this.query = query;
            this.deadline = deadline;
            this.place = place;
            this.begun = place == null ? query.context() : query.context().asBegun();
        }

        <T> BackendCall<T> call(BackendClient<T> client, Check<T> check) {
            CallTimes times = new CallTimes(query.context());
            BackendClient.Turn turn = place == null ? null : place.turnAt(client);
            CallContext context = terms.needed().contains(client) ? begun : query.context();
            Branch<T> branch = fanOut.fork(client.name(), self -> {
                client.awaitRate(deadline, context);
                Deadline limit = client.clip(deadline);
                self.limit(limit);
                T value = turn == null
                        ? client.get(query.id(), limit, context, times)
                        : client.get(query.id(), limit, context, times, turn);
                return check.check(value, query);
            });
            return new BackendCall<>(branch, times);
        }
    }

    /** Looks at a backend's value once more, and returns it. */
    private interface Check<T> {
        T check(T value, ProfileQuery query) throws BackendException;
    }

    private static User sameUser(User user, ProfileQuery query) throws BackendException {
        if (!user.id().equals(query.id())) {
            throw new BackendException.BadResponse(Verdict.USER, "answered with another user than asked for", null);
        }
        return user;
    }

    private void count(List<BackendCall<?>> calls, @Nullable Cause cause) {
        boolean cancelled = false;
        for (BackendCall<?> call : calls) {
            Outcome<?> outcome = call.outcome();
            cancelled |= outcome instanceof Outcome.Cancelled<?>;
            if (call.begun()) {
                metrics.backendCallEnds(
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
