package dev.muster.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** Formats log lines for people: time, level, message, {@code name=value}. Control characters are shown as escapes. */
final class TextFormatter extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Override
    public String format(LogRecord record) {
        StringBuilder line = new StringBuilder(256);
        TIME.formatTo(record.getInstant(), line);
        line.append(' ').append(record.getLevel().getName()).append(' ');
        appendEscaped(line, formatMessage(record));
        LogFields fields = LogFields.of(record);
        for (int i = 0; fields != null && i < fields.size(); i++) {
            line.append(' ').append(fields.name(i)).append('=');
            appendValue(line, fields.value(i).toString());
        }
        line.append('\n');
        if (record.getThrown() != null) {
            appendStackTrace(line, record.getThrown());
        }
        return line.toString();
    }

    private static void appendValue(StringBuilder line, String value) {
        // We double the value's own backslashes, so that they do not look like our escapes.
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"");
        boolean quoted =
                value.isEmpty() || value.indexOf(' ') >= 0 || value.indexOf('"') >= 0 || value.indexOf('=') >= 0;
        if (quoted) {
            line.append('"');
        }
        appendEscaped(line, escaped);
        if (quoted) {
            line.append('"');
        }
    }

    /** Indents each line, so that no text from outside looks like a log line. */
    private static void appendStackTrace(StringBuilder line, Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        trace.toString().lines().forEach(frame -> {
            line.append("    ");
            appendEscaped(line, frame.replace("\t", "    "));
            line.append('\n');
        });
    }

    private static void appendEscaped(StringBuilder line, String text) {
        if (isPrintableAscii(text)) {
            line.append(text);
            return;
        }
        text.codePoints().forEach(c -> {
            if (isHidden(c)) {
                line.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                line.appendCodePoint(c);
            }
        });
    }

    /** A fast path: nearly all text is printable ASCII. */
    private static boolean isPrintableAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code codePoint} controls a terminal or an editor instead of being visible. */
    private static boolean isHidden(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }
}
