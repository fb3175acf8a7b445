package dev.muster.demo;

import org.jspecify.annotations.Nullable;

/** Names the three backends: how an order calls each of them, and where each of them answers. */
enum Backend {
    USER("user", "/users/"),
    POSTS("posts", "/posts?userId="),
    FRIENDS("friends", "/friends?userId=");

    private final String label;
    private final String prefix;

    Backend(String label, String prefix) {
        this.label = label;
        this.prefix = prefix;
    }

    String label() {
        return label;
    }

    /** The path and query under which this backend answers for {@code id}. */
    String target(String id) {
        return prefix + id;
    }

    String idIn(String target) {
        return target.substring(prefix.length());
    }

    /** The backend that answers at this path and query, or null where none does. */
    static @Nullable Backend at(String target) {
        for (Backend backend : values()) {
            if (target.startsWith(backend.prefix)) {
                return backend;
            }
        }
        return null;
    }

    static @Nullable Backend named(String label) {
        for (Backend backend : values()) {
            if (backend.label.equals(label)) {
                return backend;
            }
        }
        return null;
    }
}
