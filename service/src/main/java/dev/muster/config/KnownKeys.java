package dev.muster.config;

import dev.muster.config.source.Nearest;
import dev.muster.config.source.Setting;
import dev.muster.config.source.Violation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Separates the settings of known keys from the others. */
final class KnownKeys {

    private KnownKeys() {}

    /** The settings of known keys. Adds a violation to {@code found} for each other one. */
    static Map<String, Setting> only(Map<String, Setting> settings, List<Violation> found) {
        Map<String, Setting> known = new LinkedHashMap<>();
        settings.forEach((name, setting) -> {
            Key<?> key = Keys.KNOWN.get(name);
            Optional<Violation> violation = key == null ? unknown(name, setting) : unfit(key, setting);
            if (violation.isPresent()) {
                found.add(violation.get());
            } else if (key != null) {
                known.put(name, setting);
            }
        });
        return known;
    }

    /** Without the value: the name may be that of a secret, mistyped. */
    private static Optional<Violation> unknown(String name, Setting setting) {
        Optional<String> below = Keys.KNOWN.keySet().stream()
                .filter(key -> key.startsWith(name + "."))
                .findFirst();
        if (below.isPresent() && setting.form() == Setting.Form.NOTHING) {
            return Optional.empty();
        }
        String problem = below.map(key -> "must hold keys, such as " + key)
                .orElseGet(() -> "unknown key, the nearest is " + Nearest.to(name, Keys.KNOWN.keySet()));
        return Optional.of(new Violation(name, null, problem, setting.source()));
    }

    private static Optional<Violation> unfit(Key<?> key, Setting setting) {
        String allowed = key.type().allowed();
        return switch (setting.form()) {
            case TEXT -> Optional.empty();
            case LIST ->
                key.type().isList()
                        ? Optional.empty()
                        : Optional.of(key.violation(setting, "must be " + allowed + ", not a list"));
            case NOTHING ->
                Optional.of(new Violation(key.name(), null, "has no value, but must be " + allowed, setting.source()));
        };
    }
}
