package dev.muster.config;

import java.util.List;
import java.util.Locale;

/** The backends of a profile, in the order of every list of them. The only list of their names. */
public enum BackendName {
    USER("/users/"),
    POSTS("/posts?userId="),
    FRIENDS("/friends?userId=");

    public static final List<BackendName> ALL = List.of(values());

    private final String label = name().toLowerCase(Locale.ROOT);
    private final String resource;

    BackendName(String resource) {
        this.resource = resource;
    }

    /** The name in the configuration, logs, metrics and answers. */
    public String label() {
        return label;
    }

    /** The path and query of an id, below the base URI. */
    public String resource(String id) {
        return resource + id;
    }

    /** Whether {@code target} is a path and query of this backend. */
    public boolean isAt(String target) {
        return target.startsWith(resource);
    }

    /** The id in a path and query of this backend. */
    public String id(String target) {
        return target.substring(resource.length());
    }
}
