package dev.muster.config;

import dev.muster.config.source.Setting;
import dev.muster.config.source.Violation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The values of all keys with a readable setting. */
final class Values {
    private final Map<String, Setting> settings;
    private final List<Violation> found;
    private final Map<String, Object> byKey = new HashMap<>();

    private Values(Map<String, Setting> settings, List<Violation> found) {
        this.settings = settings;
        this.found = found;
    }

    /** Reads the setting of every key. Adds unreadable ones to {@code found}. */
    static Values read(Map<String, Setting> settings, List<Violation> found) {
        Values values = new Values(settings, found);
        Keys.KNOWN.values().forEach(values::read);
        return values;
    }

    private void read(Key<?> key) {
        Setting setting = settings.get(key.name());
        if (setting == null) {
            return;
        }
        try {
            byKey.put(key.name(), key.type().read(setting.text()));
        } catch (ValueType.InvalidValueException e) {
            found.add(key.violation(setting, e.problem(key.type())));
        }
    }

    /** The key whose setting counts: the key itself, or else the key for all backends. Empty if neither is set. */
    private <T> Optional<Key<T>> effective(Key<T> key) {
        if (settings.containsKey(key.name())) {
            return Optional.of(key);
        }
        Key<T> forAll = key.forAll();
        return forAll == null ? Optional.empty() : effective(forAll);
    }

    boolean isSet(Key<?> key) {
        return effective(key).isPresent();
    }

    boolean hasAll(Key<?>... keys) {
        return Stream.of(keys)
                .allMatch(key -> effective(key)
                        .filter(set -> byKey.containsKey(set.name()))
                        .isPresent());
    }

    @SuppressWarnings("unchecked") // read() put a value of the key's own type
    <T> T get(Key<T> key) {
        Key<T> set = effective(key).orElseThrow(() -> new IllegalStateException("no value for " + key.name()));
        return (T) Objects.requireNonNull(byKey.get(set.name()));
    }

    /** Adds a violation by the setting of {@code key}. */
    void violation(Key<?> key, String problem) {
        effective(key)
                .ifPresent(set -> found.add(set.violation(Objects.requireNonNull(settings.get(set.name())), problem)));
    }
}
