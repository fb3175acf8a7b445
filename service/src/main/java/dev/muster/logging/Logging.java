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

/** Sets java.util.logging up, where Helidon's lines and ours meet: everything to one stream, in one format. */
public final class Logging {
    /** Held because java.util.logging keeps loggers, and so their levels, only weakly. */
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    private static final Logger LOG = Logger.getLogger(Logging.class.getName());

    private Logging() {}

    /**
     * Sends all log lines to {@code out}, and what no thread catches as well, which the JDK would print on standard error.
     *
     * @param json for machines, or else for people
     * @param maxBytes of lines that may wait for whoever reads them
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

    /** Standard output, past {@link System#out}: that hides failures, and whoever hangs in it holds its lock. */
    public static WritableByteChannel standardOutput() {
        return new FileOutputStream(FileDescriptor.out).getChannel();
    }

    private static void uncaught(Thread thread, Throwable thrown) {
        LogFields fields = new LogFields().add("thread", thread.getName());
        LOG.log(fields.record(Level.SEVERE, LOG.getName(), "a thread has ended by what it did not catch", thrown));
    }

    /** Hands each line over as bytes: what it costs to make them is paid by who logs, and they can be counted. */
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

        /** Where a record cannot be formatted, the line says why: the JDK would print that on standard error. */
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

        /** The writer does that by itself. */
        @Override
        public void flush() {}

        /** By the JDK's shutdown hook, beside ours, which has the writer end once there are no more lines. */
        @Override
        public void close() {}
    }
}
