package dev.muster.config.source;

import org.jspecify.annotations.Nullable;

/**
 * One violation of a rule of the configuration.
 *
 * @param key the key, the environment variable or the option
 * @param value its value, masked if it is a secret; null if there is none or it must not be shown
 * @param problem the rule
 * @param source the place of the value; null if it is obvious
 */
public record Violation(
        String key,
        @Nullable String value,
        String problem,
        @Nullable String source) {

    /** The violation in one line: {@code key: value (source): problem}. */
    @Override
    public String toString() {
        return Printable.of(key)
                + (value == null ? "" : ": " + Printable.of(value))
                + (source == null ? "" : " (" + Printable.of(source) + ")")
                + ": "
                + Printable.of(problem);
    }
}
