package dev.muster.config;

/**
 * What a key takes: how its text is read, and what is allowed in words.
 *
 * @param <T> what the text becomes
 */
interface ValueType<T> {

    /**
     * Reads the text of a setting.
     *
     * @throws InvalidValueException where the text is not allowed
     */
    T read(String text) throws InvalidValueException;

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
