package dev.muster.config;

/**
 * A text that is never printed.
 *
 * @param reveal the text; empty if there is none
 */
public record Secret(String reveal) {

    static final String MASK = "*****";

    @Override
    public String toString() {
        return reveal.isEmpty() ? "" : MASK;
    }
}
