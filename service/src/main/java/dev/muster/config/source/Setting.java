package dev.muster.config.source;

/**
 * The text of one key in one source.
 *
 * @param text the value; a list is joined by commas, and no value is empty
 * @param form the form in the source
 * @param source the place, for violations
 */
public record Setting(String text, Form form, String source) {

    static final String DEFAULT = "default";

    public enum Form {
        TEXT,
        LIST,
        /** A name without a value, such as {@code server:} above comments only. */
        NOTHING
    }

    public static Setting text(String text, String source) {
        return new Setting(text, Form.TEXT, source);
    }

    public boolean isDefault() {
        return source.equals(DEFAULT);
    }
}
