package dev.muster.config;

import java.util.Locale;

/**
 * The name of a setting and what it takes.
 *
 * @param name dotted, in lower case; a {@code *} stands for the name of a backend
 */
record Key<T>(String name, Kind<T> kind) {

    static final String ENVIRONMENT_PREFIX = "MUSTER_";

    boolean isPerBackend() {
        return name.contains("*");
    }

    /** This key for one backend. */
    Key<T> of(String backend) {
        return new Key<>(name.replace("*", backend), kind);
    }

    /** The environment variable that sets it. */
    String environmentName() {
        return ENVIRONMENT_PREFIX + name.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    Violation violation(Setting setting, String problem) {
        return new Violation(name, kind.shown(setting.text()), problem, setting.source());
    }
}
