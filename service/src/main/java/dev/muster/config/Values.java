package dev.muster.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The values of the keys whose setting could be read. */
final class Values {

    private final Map<String, Object> byKey = new HashMap<>();

    /** Reads every key; what cannot be read is added to {@code found}. Keys without a setting are left out. */
    static Values read(Layers layers, List<Violation> found) {
        Values values = new Values();
        for (Key<?> key : Keys.KNOWN.values()) {
            layers.setting(key).ifPresent(setting -> values.read(key, setting, found));
        }
        return values;
    }

    private void read(Key<?> key, Setting setting, List<Violation> found) {
        try {
            byKey.put(key.name(), key.kind().read(setting.text()));
        } catch (Refused e) {
            found.add(key.violation(setting, e.problem(key.kind())));
        }
    }

    boolean hasAll(Key<?>... keys) {
        return Stream.of(keys).allMatch(key -> byKey.containsKey(key.name()));
    }

    /** The value of a key that has one. */
    @SuppressWarnings("unchecked") // read() put what the key's own kind made
    <T> T get(Key<T> key) {
        Object value = byKey.get(key.name());
        if (value == null) {
            throw new IllegalStateException("no value for " + key.name());
        }
        return (T) value;
    }
}
