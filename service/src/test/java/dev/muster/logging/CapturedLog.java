package dev.muster.logging;

import dev.muster.testing.RawConnection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Captures the lines of a logger, by default the access log, and formats them with the real formatters. */
public final class CapturedLog extends Handler implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final BlockingQueue<LogRecord> records = new LinkedBlockingQueue<>();

    private final Logger logger;

    private CapturedLog(String name, Level level) {
        logger = Logger.getLogger(name);
        logger.setLevel(level);
        logger.setUseParentHandlers(false);
        setLevel(Level.ALL);
        logger.addHandler(this);
    }

    /** Captures the access log at {@code level}. */
    public CapturedLog(Level level) {
        this("dev.muster.access", level);
    }

    /** Captures the lines that a class logs itself. */
    public CapturedLog(Class<?> logger) {
        this(logger.getName(), Level.INFO);
    }

    public CapturedLog() {
        this(Level.INFO);
    }

    @Override
    public void publish(LogRecord record) {
        records.add(record);
    }

    /**
     * Waits for the line about the request with this id, which is written after the answer. Drops the lines before:
     * they may be late lines about requests of other tests.
     */
    public Line line(String requestId) {
        try {
            LogRecord record = records.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            while (record != null) {
                Line line = new Line(record);
                if (requestId.equals(line.fields().get("requestId"))) {
                    return line;
                }
                record = records.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            throw new AssertionError("nothing was logged about request " + requestId);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The line about the request whose answer is {@code response}. */
    public Line line(RawConnection.Response response) {
        return line(response.header("X-Request-Id"));
    }

    /** The lines written and not asked for. */
    public List<Line> remaining() {
        return records.stream().map(Line::new).toList();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }

    /** One line of the log. */
    public record Line(LogRecord record) {
        public String message() {
            return record.getMessage();
        }

        /** Its fields by name, in order. */
        public Map<String, Object> fields() {
            LogFields fields = LogFields.of(record);
            Map<String, Object> byName = new LinkedHashMap<>();
            for (int i = 0; fields != null && i < fields.size(); i++) {
                byName.put(fields.name(i), fields.value(i));
            }
            return byName;
        }

        /** The line in log.format text, with its line break. */
        public String text() {
            return new TextFormatter().format(record);
        }

        /** The line in log.format json, with its line break. */
        public String json() {
            return new JsonFormatter().format(record);
        }

        public JsonNode parsed() {
            return JsonMapper.shared().readTree(json());
        }
    }
}
