package dev.muster.config;

/**
 * What one layer says for one key, as it was written.
 *
 * @param text the value; a list is joined by commas, nothing is empty
 * @param form how it was written
 * @param source where, as a violation names it
 */
record Setting(String text, Form form, String source) {

    static final String DEFAULT = "default";

    enum Form {
        TEXT,
        LIST,
        /** A name without a value, such as {@code server:} with all below it commented out. */
        NOTHING
    }

    static Setting text(String text, String source) {
        return new Setting(text, Form.TEXT, source);
    }

    boolean isDefault() {
        return source.equals(DEFAULT);
    }
}
