package dev.muster.http;

import dev.muster.config.Handling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The preferences of a request that the service knows (RFC 7240). All others, and what cannot be read, are ignored, as
 * the RFC has it; of a preference that is stated more than once the first counts.
 *
 * @param waitSeconds the value of {@code wait} as it was stated
 * @param handling empty also where it is neither strict nor lenient
 */
record Prefer(Optional<String> waitSeconds, Optional<Handling> handling) {
    private static final Prefer NOTHING = new Prefer(Optional.empty(), Optional.empty());

    /** Reads the lines of the Prefer header. */
    static Prefer of(List<String> lines) {
        if (lines.isEmpty()) {
            return NOTHING;
        }
        List<String> preferences = lines.stream()
                .flatMap(line -> split(line, ',').stream())
                .map(preference -> split(preference, ';').getFirst())
                .toList();
        return new Prefer(
                first("wait", preferences), first("handling", preferences).flatMap(Prefer::handling));
    }

    private static Optional<Handling> handling(String value) {
        return switch (value) {
            case String v when v.equalsIgnoreCase("strict") -> Optional.of(Handling.STRICT);
            case String v when v.equalsIgnoreCase("lenient") -> Optional.of(Handling.LENIENT);
            default -> Optional.empty();
        };
    }

    /** The value of the first preference of that name; empty text where it has none. */
    private static Optional<String> first(String name, List<String> preferences) {
        for (String preference : preferences) {
            int equals = preference.indexOf('=');
            String found = equals < 0 ? preference : preference.substring(0, equals);
            if (found.strip().equalsIgnoreCase(name)) {
                return Optional.of(
                        equals < 0
                                ? ""
                                : unquoted(preference.substring(equals + 1).strip()));
            }
        }
        return Optional.empty();
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value;
    }

    /** Splits at a separator that stands outside of quoted strings (RFC 9110 section 5.6.4). */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && quoted) {
                i++;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }
}
