package dev.muster.testing;

/**
 * What the backends have about an id. Not in {@link Backends}: a test without WireMock would load it for its first answer,
 * which takes seconds, and on a busy machine so many that the answer is late.
 */
public final class GoodBodies {
    private GoodBodies() {}

    public static String user(String id) {
        return "{\"id\":\"%s\",\"name\":\"Name of %s\",\"username\":\"%s\",\"email\":\"%s@example.org\",\"city\":\"Paris\"}"
                .formatted(id, id, id, id);
    }

    public static String posts(String id) {
        return "[{\"id\":\"p-%s\",\"userId\":\"%s\",\"title\":\"Title\",\"body\":\"Text\"}]".formatted(id, id);
    }

    public static String friends(String id) {
        return "[{\"id\":\"f-%s\",\"name\":\"A friend\",\"since\":1999}]".formatted(id);
    }
}
