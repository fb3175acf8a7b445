package dev.muster.request;

/** Splits header values in which quoted strings may occur (RFC 9110 section 5.6.4). */
final class QuotedText {
    private QuotedText() {}

    /** The index of the first {@code separator} outside of quotes, from {@code start} on; else {@code end}. */
    static int find(String text, int start, int end, char separator) {
        boolean quoted = false;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && quoted) {
                i++;
            } else if (c == separator && !quoted) {
                return i;
            }
        }
        return end;
    }

    /** The content of a quoted string, without its escapes; any other value unchanged. */
    static String unquoted(String value) {
        if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
            return value;
        }
        int end = value.length() - 1;
        StringBuilder content = new StringBuilder(end);
        for (int i = 1; i < end; i++) {
            if (value.charAt(i) == '\\' && i + 1 < end) {
                i++;
            }
            content.append(value.charAt(i));
        }
        return content.toString();
    }
}
