package dev.muster.profile;

import dev.muster.backend.BackendCall;
import dev.muster.backend.BackendClient;
import dev.muster.backend.BackendException;
import dev.muster.backend.CallClass;
import dev.muster.backend.CallOutcome;
import dev.muster.backend.CallTimes;
import dev.muster.concurrent.Admission;
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
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private final Verdict strict;
    private final Verdict lenient;

    /**
     * A service on three backends.
     *
     * @param reserve what a deadline leaves for joining and answering
     * @param admission to the fan-out, of single requests that need all three
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
        this.strict = new Verdict(Set.of(users.name(), posts.name(), friends.name()));
        this.lenient = new Verdict(Stream.of(users, posts, friends)
                .filter(BackendClient::isRequired)
                .map(BackendClient::name)
                .collect(Collectors.toUnmodifiableSet()));
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
        Verdict verdict = query.handling() == Handling.LENIENT ? lenient : strict;
        Deadline deadline = query.deadline().child(reserve);
        FanOut fanOut =
                FanOut.open(ticker, query.cancellation(), deadline, branches -> verdict.decisive(branches) != null);
        Admission.@Nullable Place place = null;
        BackendCall<User> user;
        BackendCall<List<Post>> post;
        BackendCall<List<Friend>> friend;
        List<BackendCall<?>> calls;
        try (fanOut) {
            place = awaitTurn(query, deadline);
            user = fork(fanOut, users, deadline, query, ProfileService::sameUser);
            post = fork(fanOut, posts, deadline, query, (list, _) -> list);
            friend = fork(fanOut, friends, deadline, query, (list, _) -> list);
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
     * Waits once for what all three calls would wait for: where a request needs every backend, no more requests get on
     * than the backends have connections, and one that waits costs less before its calls have begun. Not for one that
     * may go without a backend, as it must not wait for that; nor for batches, of which only so many ids are worked on.
     *
     * @return null where there is no need to, or the calls are cancelled
     */
    private Admission.@Nullable Place awaitTurn(ProfileQuery query, Deadline deadline) {
        if (query.handling() == Handling.LENIENT || query.context().callClass() == CallClass.BULK) {
            return null;
        }
        try {
            return admission.enter(deadline);
        } catch (Admission.TooLateException e) {
            throw new RequestRejected.TooLate();
        } catch (InterruptedException e) {
            // Told to the fan-out, which knows what it means.
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Makes a call on a branch of its own. */
    private static <T> BackendCall<T> fork(
            FanOut fanOut, BackendClient<T> client, Deadline deadline, ProfileQuery query, Check<T> check) {
        CallTimes times = new CallTimes(query.context());
        Branch<T> branch = fanOut.fork(client.name(), self -> {
            client.awaitTurn(deadline, query.context());
            Deadline limit = client.clip(deadline);
            self.limit(limit);
            return check.check(client.get(query.id(), limit, query.context(), times), query);
        });
        return new BackendCall<>(branch, times);
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
