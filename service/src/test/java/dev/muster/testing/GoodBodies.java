package dev.muster.testing;

import dev.muster.config.BackendName;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The backends' data about an id. Not in {@link Backends}: a test without WireMock would then load WireMock for its
 * first answer. This takes seconds, and on a busy machine the answer would be late.
 */
public final class GoodBodies {
    private GoodBodies() {}

    /** The good answer of a backend; an empty list if there is no data here. */
    public static String of(BackendName backend, String id) {
        return switch (backend) {
            case USER ->
                "{\"id\":\"%s\",\"name\":\"Name of %s\",\"username\":\"%s\",\"email\":\"%s@example.org\",\"city\":\"Paris\"}"
                        .formatted(id, id, id, id);
            case POSTS ->
                "[{\"id\":\"p-%s\",\"userId\":\"%s\",\"title\":\"Title\",\"body\":\"Text\"}]".formatted(id, id);
            case FRIENDS -> "[{\"id\":\"f-%s\",\"name\":\"A friend\",\"since\":1999}]".formatted(id);
            default -> "[]";
        };
    }

    /** The text of a profile with these parts; all other parts are empty lists. */
    public static String profile(Map<BackendName, String> parts) {
        return BackendName.ALL.stream()
                .map(backend -> "\"" + backend.label() + "\":" + parts.getOrDefault(backend, "[]"))
                .collect(Collectors.joining(",", "{", "}"));
    }

    public static String user(String id) {
        return of(BackendName.USER, id);
    }

    public static String posts(String id) {
        return of(BackendName.POSTS, id);
    }

    public static String friends(String id) {
        return of(BackendName.FRIENDS, id);
    }
}
