package dev.muster.config.source;

/** Makes a text safe for one line of a terminal or a log. */
public final class Printable {

    private Printable() {}

    /** The text, with escapes for everything that breaks or reorders a line; {@code ""} for no text. */
    public static String of(String text) {
        if (text.isEmpty()) {
            return "\"\"";
        }
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> append(line, c));
        return line.toString();
    }

    private static void append(StringBuilder line, int c) {
        switch (c) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (breaksLine(c)) {
                    line.append(String.format("\\u%04x", c));
                } else {
                    line.appendCodePoint(c);
                }
            }
        }
    }

    private static boolean breaksLine(int c) {
        return switch (Character.getType(c)) {
            // FORMAT includes the marks for the direction of writing.
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
