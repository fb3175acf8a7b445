package dev.muster.profile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * What a profile is made of: the backends' answers, bound to just the members that the contract names. Immutable.
 *
 * <p>The constructors are the contract with the backends: an id or a name that is missing makes the answer a bad one.
 *
 * @param posts null where they are missing, which is not the same as empty
 * @param friends null where they are missing
 * @param errors one for each that is missing; null where nothing is
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

    /** Whether nothing is missing. */
    public boolean complete() {
        return errors == null;
    }

    /** From the user backend. */
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

    /** From the posts backend. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Post(
            @JsonDeserialize(using = IdDeserializer.class) String id,
            @Nullable String title,
            @Nullable String body) {
        public Post {
            Objects.requireNonNull(id, "id");
        }
    }

    /** From the friends backend. */
    public record Friend(
            @JsonDeserialize(using = IdDeserializer.class) String id, String name) {
        public Friend {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
        }
    }
}
