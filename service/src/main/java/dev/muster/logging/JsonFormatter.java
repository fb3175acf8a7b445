package dev.muster.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** Formats log lines for machines: one JSON object each, in ASCII without control characters. */
final class JsonFormatter extends Formatter {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    @Override
    public String format(LogRecord record) {
        StringWriter line = new StringWriter(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
            json.writeStartObject();
            json.writeStringProperty("time", record.getInstant().toString());
            json.writeStringProperty("level", record.getLevel().getName());
            json.writeStringProperty("logger", String.valueOf(record.getLoggerName()));
            json.writeStringProperty("message", formatMessage(record));
            writeFields(json, LogFields.of(record));
            if (record.getThrown() != null) {
                StringWriter trace = new StringWriter();
                record.getThrown().printStackTrace(new PrintWriter(trace));
                json.writeStringProperty("stackTrace", trace.toString());
            }
            json.writeEndObject();
        }
        // Neither JSON nor ESCAPE_NON_ASCII escapes this control character.
        return line.append('\n').toString().replace("\u007f", "\\u007f");
    }

    private static void writeFields(JsonGenerator json, @Nullable LogFields fields) {
        for (int i = 0; fields != null && i < fields.size(); i++) {
            switch (fields.value(i)) {
                case Integer number -> json.writeNumberProperty(fields.name(i), number);
                case Long number -> json.writeNumberProperty(fields.name(i), number);
                case Double number -> json.writeNumberProperty(fields.name(i), number);
                case Boolean flag -> json.writeBooleanProperty(fields.name(i), flag);
                case Object other -> json.writeStringProperty(fields.name(i), other.toString());
            }
        }
    }
}
