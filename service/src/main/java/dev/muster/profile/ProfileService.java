package dev.muster.profile;

import dev.muster.backend.BackendClient;
import dev.muster.backend.BackendException;
import dev.muster.backend.CallContext;
import dev.muster.backend.CallOutcome;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.concurrent.FanOut;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import dev.muster.metrics.Metrics;
import dev.muster.profile.Profile.Friend;
import dev.muster.profile.Profile.Post;
import dev.muster.profile.Profile.User;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Joins what the three backends have about a user into a profile, all or nothing: the first failure decides, and cancels
 * the other calls. {@link Verdict} has the rule. Thread-safe.
 */
public final class ProfileService {
    private final BackendClient<User> users;
    private final BackendClient<List<Post>> posts;
    private final BackendClient<List<Friend>> friends;
    private final DeadlineTicker ticker;
    private final Duration reserve;
    private final Metrics metrics;

    /**
     * A service on three backends.
     *
     * @param reserve what a deadline leaves for joining and answering
     */
    public ProfileService(
            BackendClient<User> users,
            BackendClient<List<Post>> posts,
            BackendClient<List<Friend>> friends,
            DeadlineTicker ticker,
            Duration reserve,
            Metrics metrics) {
        this.users = users;
        this.posts = posts;
        this.friends = friends;
        this.ticker = ticker;
        this.reserve = reserve;
        this.metrics = metrics;
    }

    /**
     * Fetches the profile of {@code id}, which must be valid.
     *
     * @param ended told of the branches once all have ended, whether the answer is a profile or a failure
     * @throws BackendException the failure that decided
     * @throws InterruptedException if the caller was interrupted; no call runs any more then
     */
    public Profile fetch(String id, Deadline deadline, CallContext context, Consumer<List<Branch<?>>> ended)
            throws BackendException, InterruptedException {
        Deadline callDeadline = deadline.child(reserve);
        FanOut fanOut = FanOut.open(ticker, branches -> Verdict.decisive(branches) != null);
        Branch<User> user;
        Branch<List<Post>> post;
        Branch<List<Friend>> friend;
        try (fanOut) {
            Deadline userDeadline = users.clip(callDeadline);
            user = fanOut.fork(users.name(), userDeadline, () -> user(id, userDeadline, context));
            Deadline postsDeadline = posts.clip(callDeadline);
            post = fanOut.fork(posts.name(), postsDeadline, () -> posts.get(id, postsDeadline, context));
            Deadline friendsDeadline = friends.clip(callDeadline);
            friend = fanOut.fork(friends.name(), friendsDeadline, () -> friends.get(id, friendsDeadline, context));
            fanOut.join();
        }
        List<Branch<?>> branches = List.of(user, post, friend);
        ended.accept(branches);
        branches.forEach(this::count);
        Branch<?> decisive = Verdict.decisive(branches);
        if (decisive != null) {
            throw Verdict.failure(decisive);
        }
        return new Profile(Verdict.value(user), Verdict.value(post), Verdict.value(friend));
    }

    private void count(Branch<?> branch) {
        Outcome<?> outcome = Objects.requireNonNull(branch.outcome());
        metrics.backendCallEnds(
                branch.name(), CallOutcome.word(outcome), outcome.elapsed().toNanos());
    }

    private User user(String id, Deadline deadline, CallContext context) throws BackendException, InterruptedException {
        User user = users.get(id, deadline, context);
        if (!user.id().equals(id)) {
            throw new BackendException.BadResponse(users.name(), "answered with another user than asked for", null);
        }
        return user;
    }
}
