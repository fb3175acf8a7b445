package dev.muster.config;

import dev.muster.config.source.Setting;
import dev.muster.config.source.Violation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The name of a setting and the type of its value.
 *
 * @param name dotted, in lower case
 * @param forAll the key for all backends, if this is the same key for one backend
 */
record Key<T>(String name, ValueType<T> type, @Nullable Key<T> forAll) {
    private static final String BACKENDS = "backends.";

    static <T> Key<T> of(String name, ValueType<T> type) {
        return new Key<>(name, type, null);
    }

    /** Whether there is this key for each backend as well. */
    boolean isForAllBackends() {
        return forAll == null && name.startsWith(BACKENDS);
    }

    /** This key for one backend. It overrides the key for all. */
    Key<T> of(BackendName backend) {
        return new Key<>(BACKENDS + backend.label() + name.substring(BACKENDS.length() - 1), type, this);
    }

    String environmentName() {
        return "MUSTER_" + name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    Violation violation(Setting setting, String problem) {
        return new Violation(name, type.shown(setting.text()), problem, setting.source());
    }
}
