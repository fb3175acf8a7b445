package dev.muster.profile;

import dev.muster.backend.BackendException;
import dev.muster.config.BackendName;
import dev.muster.profile.Profile.Friend;
import dev.muster.profile.Profile.Post;
import dev.muster.profile.Profile.User;
import java.util.List;
import tools.jackson.databind.ObjectReader;

/**
 * A part of the profile: its backend, the reader of the backend's answer, and a check of the value.
 *
 * @param <T> the type of the value
 */
public record Part<T>(BackendName backend, ObjectReader reader, Check<T> check) {
    static final Part<User> USER = new Part<>(BackendName.USER, ProfileJson.reader(User.class), Part::sameUser);
    static final Part<List<Post>> POSTS = list(BackendName.POSTS, Post.class);
    static final Part<List<Friend>> FRIENDS = list(BackendName.FRIENDS, Friend.class);

    /** One for each backend, in their order. */
    public static final List<Part<?>> ALL = List.of(USER, POSTS, FRIENDS);

    /** Checks a value beyond its JSON. */
    @FunctionalInterface
    public interface Check<T> {
        void check(T value, ProfileQuery query) throws BackendException;
    }

    private static <E> Part<List<E>> list(BackendName backend, Class<E> element) {
        return new Part<>(backend, ProfileJson.listReader(element), (_, _) -> {});
    }

    private static void sameUser(User user, ProfileQuery query) throws BackendException {
        if (!user.id().equals(query.id())) {
            throw new BackendException.BadResponse(
                    BackendName.USER.label(), "answered with another user than asked for", null);
        }
    }
}
