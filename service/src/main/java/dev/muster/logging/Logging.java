package dev.muster.logging;

import java.io.PrintStream;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

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
        Handler handler = new FlushingHandler(out, formatter);
        handler.setLevel(Level.ALL);
        return handler;
    }

    /** A line is out before the request that wrote it is done with, so that a crash loses none. */
    private static final class FlushingHandler extends StreamHandler {
        FlushingHandler(PrintStream out, Formatter formatter) {
            super(out, formatter);
        }

        @Override
        public synchronized void publish(LogRecord record) {
            super.publish(record);
            flush();
        }

        /** Standard output is not ours to close. */
        @Override
        public synchronized void close() {
            flush();
        }
    }
}
