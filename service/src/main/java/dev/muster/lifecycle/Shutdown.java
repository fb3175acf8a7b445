package dev.muster.lifecycle;

import dev.muster.concurrent.Deadline;
import dev.muster.config.AppConfig.ShutdownConfig;
import dev.muster.logging.LogFields;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Shuts the service down without losing a request: stop accepting, cancel slow requests, wait for their end, all within
 * one time. docs/shutdown.md shows the clients' view.
 *
 * <p>Run once, by one thread.
 */
public final class Shutdown {
    public enum Phase {
        /** Not ready, then not listening; requests in flight go on. */
        STOP_ACCEPTING(1),
        /** Requests that have not ended by themselves are cancelled. */
        CANCEL(2),
        /** Cancelled requests have a little time to end. */
        WAIT(3);

        private final int number;

        Phase(int number) {
            this.number = number;
        }

        /** Counted from 1. */
        public int number() {
            return number;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** Nothing was abandoned. */
    public static final int CLEAN = 0;

    /** A request was still running: EX_TEMPFAIL of sysexits.h. */
    public static final int ABANDONED = 75;

    private static final String LOGGER = Shutdown.class.getName();
    private static final Logger LOG = Logger.getLogger(LOGGER);

    private final ShutdownConfig config;
    private final Readiness readiness;
    private final InFlight inFlight;
    private final Drainable port;
    private final AutoCloseable rest;
    private final Consumer<Phase> observer;

    private final Deadline end;
    private final long endedBefore;
    private final long begunNanos = System.nanoTime();
    private long phaseNanos = begunNanos;

    /**
     * A shutdown whose time begins now.
     *
     * @param port whose clients must not notice the shutdown
     * @param rest closed after the last request
     * @param observer told of every phase as it begins
     */
    public Shutdown(
            ShutdownConfig config,
            Readiness readiness,
            InFlight inFlight,
            Drainable port,
            AutoCloseable rest,
            Consumer<Phase> observer) {
        this.config = config;
        this.readiness = readiness;
        this.inFlight = inFlight;
        this.port = port;
        this.rest = rest;
        this.observer = observer;
        this.end = Deadline.after(config.inAll());
        this.endedBefore = inFlight.ended();
    }

    /**
     * Shuts the service down.
     *
     * @param why for the log
     * @return the process' exit code: {@link #CLEAN} or {@link #ABANDONED}
     * @throws IllegalStateException if {@code rest} could not be closed
     */
    public int run(String why) {
        Deadline drainEnd = end.minus(config.cancel());
        Deadline lameDuckEnd = drainEnd.minus(config.drain());

        begin(Phase.STOP_ACCEPTING);
        readiness.stopping();
        log("shutdown begins", counts(new LogFields().add("reason", why)));
        sleepUntil(lameDuckEnd);
        port.stopAccepting();
        boolean isClosed = port.awaitClosed(drainEnd.capped(config.linger()));
        if (!isClosed) {
            port.closeIdle();
            isClosed = port.awaitClosed(drainEnd);
        }
        ended(Phase.STOP_ACCEPTING);

        if (!isClosed) {
            // The process may have stood still past the end: cancelled requests still get their time.
            Deadline waitEnd = later(end, Deadline.after(config.cancel()));
            begin(Phase.CANCEL);
            inFlight.close();
            port.giveUpOnUnread();
            ended(Phase.CANCEL);

            begin(Phase.WAIT);
            port.awaitClosed(waitEnd);
            ended(Phase.WAIT);
        }

        List<InFlight.Request> abandoned = inFlight.oldestFirst();
        abandoned.forEach(Shutdown::logAbandoned);
        // Counted before the close: requests that the close ends did not complete.
        LogFields summary = counts(new LogFields()).add("abandoned", abandoned.size());
        Exception failure = closeRest();
        log("shutdown complete", summary.addMillis("durationMs", System.nanoTime() - begunNanos));
        if (failure != null) {
            throw new IllegalStateException("closing failed", failure);
        }
        return abandoned.isEmpty() ? CLEAN : ABANDONED;
    }

    private static Deadline later(Deadline one, Deadline other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    private static void sleepUntil(Deadline deadline) {
        try {
            TimeUnit.NANOSECONDS.sleep(deadline.remaining().toNanos());
        } catch (InterruptedException e) {
            // An interrupt shortens the shutdown.
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Exception closeRest() {
        try {
            rest.close();
            return null;
        } catch (Exception e) {
            return e;
        }
    }

    private void begin(Phase phase) {
        phaseNanos = System.nanoTime();
        observer.accept(phase);
    }

    private void ended(Phase phase) {
        LogFields fields = new LogFields().add("phase", phase.number());
        log("shutdown: " + phase.word(), counts(fields).addMillis("durationMs", System.nanoTime() - phaseNanos));
    }

    private LogFields counts(LogFields fields) {
        return fields.add("inFlight", inFlight.count())
                .add("connections", port.openConnections())
                .add("completed", inFlight.ended() - endedBefore)
                .add("cancelled", inFlight.endedByShutdown());
    }

    private static void log(String message, LogFields fields) {
        LOG.log(fields.record(Level.INFO, LOGGER, message, null));
    }

    private static void logAbandoned(InFlight.Request request) {
        Throwable at = new Throwable("where its thread is");
        at.setStackTrace(request.thread().getStackTrace());
        LogFields fields = new LogFields()
                .add("method", request.method())
                .add("path", request.path())
                .add("requestId", request.requestId())
                .addMillis("ageMs", request.age().toNanos());
        if (!request.waitingFor().isEmpty()) {
            fields.add("waitingFor", String.join(",", request.waitingFor()));
        }
        LOG.log(fields.record(Level.WARNING, LOGGER, "request abandoned", at));
    }
}
