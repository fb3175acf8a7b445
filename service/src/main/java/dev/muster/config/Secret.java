package dev.muster.config;

/**
 * A text that is never printed.
 *
 * @param reveal the text itself; empty when none was set
 */
public record Secret(String reveal) {

    static final String MASK = "*****";

    @Override
    public String toString() {
        return reveal.isEmpty() ? "" : MASK;
    }
}
