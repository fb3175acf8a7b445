package dev.muster.config.source;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads the environment variables with the name of a key. */
public final class Environment {
    private static final String PREFIX = "MUSTER_";

    /** Variables of the launcher, not of the program. */
    private static final Set<String> LAUNCHER = Set.of("MUSTER_JAVA_OPTS");

    private Environment() {}

    /**
     * The settings by key.
     *
     * @param keys the names of the keys by their variables
     * @param found gets the unknown variables of ours
     */
    public static Map<String, Setting> read(
            Map<String, String> environment, Map<String, String> keys, List<Violation> found) {
        Map<String, Setting> settings = new HashMap<>();
        // Sorted, for a stable order of the violations.
        new TreeMap<>(environment).forEach((name, text) -> {
            String key = keys.get(name);
            if (key != null) {
                settings.put(key, Setting.text(text, "environment " + name));
            } else if (name.startsWith(PREFIX) && !LAUNCHER.contains(name)) {
                String nearest = Nearest.to(name, keys.keySet());
                found.add(new Violation(name, null, "unknown variable, the nearest is " + nearest, "environment"));
            }
        });
        return settings;
    }
}
