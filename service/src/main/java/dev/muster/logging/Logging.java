package dev.muster.logging;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.channels.WritableByteChannel;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sets up java.util.logging for Helidon's lines and ours: all go to one stream, in one format. */
public final class Logging {
    /** A strong reference: java.util.logging holds loggers, and so their levels, only weakly. */
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    private static final Logger LOG = Logger.getLogger(Logging.class.getName());

    private Logging() {}

    /**
     * Sends all log lines and uncaught exceptions to {@code out}. The JDK prints the latter on standard error.
     *
     * @param json JSON for machines; otherwise text for people
     * @param maxBytes the most bytes that may wait for the reader
     */
    public static LogWriter start(boolean json, WritableByteChannel out, int maxBytes) {
        Formatter formatter = json ? new JsonFormatter() : new TextFormatter();
        LogWriter writer = LogWriter.start(out, formatter, maxBytes);
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(new LineHandler(formatter, writer));
        HELIDON.setLevel(Level.WARNING);
        Thread.setDefaultUncaughtExceptionHandler(Logging::uncaught);
        return writer;
    }

    /** Standard output without {@link System#out}, which hides failures and holds its lock during a stuck write. */
    public static WritableByteChannel standardOutput() {
        return new FileOutputStream(FileDescriptor.out).getChannel();
    }

    private static void uncaught(Thread thread, Throwable thrown) {
        LogFields fields = new LogFields().add("thread", thread.getName());
        LOG.log(fields.record(Level.SEVERE, LOG.getName(), "a thread ended with an uncaught exception", thrown));
    }

    /** Formats each line on the thread that logs: this thread pays for it, and the queue can count bytes. */
    private static final class LineHandler extends Handler {
        private final LogWriter writer;

        LineHandler(Formatter formatter, LogWriter writer) {
            this.writer = writer;
            setFormatter(formatter);
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord record) {
            if (isLoggable(record)) {
                writer.write(line(record));
            }
        }

        /** If a record cannot be formatted, the line says why. The JDK would say it on standard error. */
        private String line(LogRecord record) {
            try {
                return getFormatter().format(record);
            } catch (RuntimeException e) {
                return getFormatter()
                        .format(new LogFields()
                                .record(
                                        Level.SEVERE,
                                        LOG.getName(),
                                        "a line of " + record.getLoggerName() + " cannot be formatted",
                                        e));
            }
        }

        /** The writer flushes by itself. */
        @Override
        public void flush() {}

        /** The JDK's shutdown hook calls this while ours still logs. Ours ends the writer. */
        @Override
        public void close() {}
    }
}
