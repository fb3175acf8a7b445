package dev.muster.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads the environment variables that name a key. */
final class Environment {

    /** What the launcher reads, not the program. */
    private static final Set<String> LAUNCHER = Set.of("MUSTER_JAVA_OPTS");

    private Environment() {}

    /** The settings by key; variables of ours that name no key are added to {@code found}. */
    static Map<String, Setting> read(Map<String, String> environment, List<Violation> found) {
        Map<String, Key<?>> keys = new HashMap<>();
        Keys.KNOWN.values().forEach(key -> keys.put(key.environmentName(), key));
        Map<String, Setting> settings = new HashMap<>();
        // sorted, so that the violations are
        new TreeMap<>(environment).forEach((name, text) -> {
            Key<?> key = keys.get(name);
            if (key != null) {
                settings.put(key.name(), Setting.text(text, "environment " + name));
            } else if (name.startsWith(Key.ENVIRONMENT_PREFIX) && !LAUNCHER.contains(name)) {
                String nearest = Nearest.to(name, keys.keySet());
                found.add(new Violation(name, null, "unknown variable, the nearest is " + nearest, "environment"));
            }
        });
        return settings;
    }
}
