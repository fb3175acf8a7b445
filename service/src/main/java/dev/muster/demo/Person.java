package dev.muster.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The backends' data of one person.
 *
 * @param friends ids of other people
 */
record Person(String id, String name, String city, String occupation, List<String> friends, List<Entry> posts) {

    /** One post without its id. */
    record Entry(String title, String body) {}

    /** The user backend's answer. Clients should ignore the members after the e-mail address. */
    record User(
            @Nullable String id,
            @Nullable String name,
            String username,
            String email,
            String city,
            String occupation) {}

    /** An item of the posts backend's answer. */
    record Post(@Nullable String id, @Nullable String title, String body, String language) {}

    /** An item of the friends backend's answer. */
    record Friend(@Nullable String id, @Nullable String name) {}
}
