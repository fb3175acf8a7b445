package dev.muster.logging;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/** The named values of one log line, in order. Values are strings, numbers or booleans; null ones are left out. */
public final class LogFields {
    private final List<String> names = new ArrayList<>(16);
    private final List<Object> values = new ArrayList<>(16);

    public LogFields add(String name, @Nullable Object value) {
        if (value != null) {
            names.add(name);
            values.add(value);
        }
        return this;
    }

    /** Adds a duration as milliseconds with microsecond resolution. */
    public LogFields addMillis(String name, long nanos) {
        return add(name, Math.round(nanos / 1e3) / 1e3);
    }

    int size() {
        return names.size();
    }

    String name(int index) {
        return names.get(index);
    }

    Object value(int index) {
        return values.get(index);
    }

    /** A record that carries these fields to our formatters. */
    public LogRecord record(Level level, String logger, String message, @Nullable Throwable thrown) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName(logger);
        record.setParameters(new Object[] {this});
        record.setThrown(thrown);
        // Otherwise java.util.logging walks the stack to find the caller.
        record.setSourceClassName(null);
        return record;
    }

    /** The fields of {@code record}, if it carries any. */
    static @Nullable LogFields of(LogRecord record) {
        Object[] parameters = record.getParameters();
        return parameters != null && parameters.length == 1 && parameters[0] instanceof LogFields fields
                ? fields
                : null;
    }
}
