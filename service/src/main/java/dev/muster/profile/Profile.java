package dev.muster.profile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * A profile: the backends' answers, with the members of the contract only. Immutable.
 *
 * <p>A missing part is null, which is not the same as empty. The constructors are the contract with the backends: an
 * answer without an id or a name is a bad response.
 *
 * @param errors one for each missing part; null for a complete profile
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Profile(
        User user,
        @Nullable List<Post> posts,
        @Nullable List<Friend> friends,
        @Nullable List<MissingPart> errors) {

    static Profile of(Values values, @Nullable List<MissingPart> errors) {
        return new Profile(
                Objects.requireNonNull(values.of(Part.USER)), values.of(Part.POSTS), values.of(Part.FRIENDS), errors);
    }

    /** The values of the parts; null for a missing one. */
    @FunctionalInterface
    interface Values {
        @Nullable
        Object at(Part<?> part);

        @SuppressWarnings("unchecked") // each part's call yields the part's own type
        default <T> @Nullable T of(Part<T> part) {
            return (T) at(part);
        }
    }

    public boolean complete() {
        return errors == null;
    }

    /** The user backend's answer. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record User(
            @JsonDeserialize(using = IdDeserializer.class) String id,
            String name,
            @Nullable String username,
            @Nullable String email) {
        public User {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
        }
    }

    /** An item of the posts backend's answer. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Post(
            @JsonDeserialize(using = IdDeserializer.class) String id,
            @Nullable String title,
            @Nullable String body) {
        public Post {
            Objects.requireNonNull(id, "id");
        }
    }

    /** An item of the friends backend's answer. */
    public record Friend(
            @JsonDeserialize(using = IdDeserializer.class) String id, String name) {
        public Friend {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
        }
    }
}
