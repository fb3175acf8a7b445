package dev.muster.logging;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.ErrorManager;
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

    /** Tells of a port that is taken by a stack trace, where we end with one line that says it. */
    private static final Logger HELIDON_START = Logger.getLogger("io.helidon.webserver.LoomServer");

    private Logging() {}

    /** Sends all log lines to {@code out}, as JSON or for people. */
    public static void configure(boolean json, PrintStream out) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(handler(json ? new JsonFormatter() : new TextFormatter(), out));
        HELIDON.setLevel(Level.WARNING);
        HELIDON_START.setLevel(Level.OFF);
    }

    private static Handler handler(Formatter formatter, PrintStream out) {
        Handler handler = new LineHandler(out);
        handler.setFormatter(formatter);
        handler.setLevel(Level.ALL);
        return handler;
    }

    /**
     * Writes each line at once: it is out before the request that wrote it is done with, so that a crash loses none. The
     * JDK's handlers do so, too, through an encoder and two more buffers.
     */
    private static final class LineHandler extends Handler {
        private final PrintStream out;

        LineHandler(PrintStream out) {
            this.out = out;
        }

        @Override
        public void publish(LogRecord record) {
            if (!isLoggable(record)) {
                return;
            }
            byte[] line;
            try {
                line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
            } catch (RuntimeException e) {
                reportError(null, e, ErrorManager.FORMAT_FAILURE);
                return;
            }
            synchronized (out) {
                out.write(line, 0, line.length);
                out.flush();
            }
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        /** Standard output is not ours to close. */
        @Override
        public void close() {
            // Nothing is held back.
        }
    }
}
