package dev.muster.request;

import dev.muster.config.Handling;
import java.util.List;
import java.util.Optional;

/**
 * The preferences that a request states (RFC 7240). Those that are unknown or cannot be read are ignored, as the RFC
 * demands; of a repeated preference the first counts.
 *
 * @param waitSeconds the value of {@code wait}, unparsed
 * @param handling empty also if it is neither strict nor lenient
 */
record Prefer(Optional<String> waitSeconds, Optional<Handling> handling) {
    private static final Prefer NOTHING = new Prefer(Optional.empty(), Optional.empty());

    /** Reads the lines of the Prefer header, in one pass. */
    static Prefer of(List<String> lines) {
        if (lines.isEmpty()) {
            return NOTHING;
        }
        Optional<String> wait = Optional.empty();
        Optional<String> handling = Optional.empty();
        for (String line : lines) {
            int start = 0;
            while (start <= line.length()) {
                int end = QuotedText.find(line, start, line.length(), ',');
                int valueEnd = QuotedText.find(line, start, end, ';');
                int equals = line.indexOf('=', start, valueEnd);
                String name =
                        line.substring(start, equals < 0 ? valueEnd : equals).strip();
                if (wait.isEmpty() && name.equalsIgnoreCase("wait")) {
                    wait = Optional.of(value(line, equals, valueEnd));
                } else if (handling.isEmpty() && name.equalsIgnoreCase("handling")) {
                    handling = Optional.of(value(line, equals, valueEnd));
                }
                start = end + 1;
            }
        }
        return new Prefer(wait, handling.flatMap(Prefer::handling));
    }

    private static Optional<Handling> handling(String value) {
        return switch (value) {
            case String v when v.equalsIgnoreCase("strict") -> Optional.of(Handling.STRICT);
            case String v when v.equalsIgnoreCase("lenient") -> Optional.of(Handling.LENIENT);
            default -> Optional.empty();
        };
    }

    /** The text behind the equals sign; empty if there is none. */
    private static String value(String line, int equals, int end) {
        return equals < 0
                ? ""
                : QuotedText.unquoted(line.substring(equals + 1, end).strip());
    }
}
