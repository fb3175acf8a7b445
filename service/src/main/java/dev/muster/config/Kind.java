package dev.muster.config;

/**
 * What a key takes: how its text is read, and what is allowed in words.
 *
 * @param <T> what the text becomes
 */
interface Kind<T> {

    /**
     * Reads the text of a setting.
     *
     * @throws Refused where the text is not allowed
     */
    T read(String text) throws Refused;

    /** What is allowed, so that it reads well after "must be". */
    String allowed();

    /** The text as it may be shown. */
    default String shown(String text) {
        return text;
    }

    /** Whether a YAML list may be given in place of a comma-separated text. */
    default boolean isList() {
        return false;
    }
}
