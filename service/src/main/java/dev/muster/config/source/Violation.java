package dev.muster.config.source;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with the configuration.
 *
 * @param key the key, the environment variable or the option it is about
 * @param value its value, a secret already masked; null where there is none or where it must not be shown
 * @param problem what is allowed instead
 * @param source where the value came from; null where that would say nothing
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
