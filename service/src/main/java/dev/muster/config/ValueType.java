package dev.muster.config;

/**
 * The type of a key's value: its reader, and its rule in words.
 *
 * @param <T> the type in Java
 */
interface ValueType<T> {

    /**
     * Reads the text of a setting.
     *
     * @throws InvalidValueException if the text breaks the rule
     */
    T read(String text) throws InvalidValueException;

    /** The rule, to be read after "must be". */
    String allowed();

    /** The text for listings and messages. */
    default String shown(String text) {
        return text;
    }

    /** Whether a YAML list is allowed in place of a text with commas. */
    default boolean isList() {
        return false;
    }

    /** A text that is no value of its key. */
    final class InvalidValueException extends Exception {
        private static final long serialVersionUID = 1L;

        /** Invalid for the reason in {@link #allowed()}. */
        InvalidValueException() {
            this("");
        }

        /** Invalid for a reason beyond {@link #allowed()}. */
        InvalidValueException(String detail) {
            super(detail, null, false, false);
        }

        /** The rule for the text, in words. */
        String problem(ValueType<?> type) {
            String detail = getMessage();
            return "must be " + type.allowed() + (detail == null || detail.isEmpty() ? "" : "; " + detail);
        }
    }
}
