package dev.muster.lifecycle;

import dev.muster.concurrent.Deadline;
import dev.muster.logging.LogWriter;
import dev.muster.logging.StandardError;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process in order: the first SIGTERM or SIGINT begins a shutdown, the second ends the process at once.
 *
 * <p>If the JVM ends for another reason, a shutdown hook does the same, but less well. The JDK's own hooks run at the
 * same time, and one of them closes the log. No hook can set the exit code. In both cases the hook waits for the last
 * lines of the log. Their reader may have stopped, so the wait ends with the time of the shutdown.
 */
public final class ProcessEnd {
    /** EX_SOFTWARE of sysexits.h. */
    private static final int DEFECT = 70;

    private static final int SIGNAL_EXIT = 128;

    /** The last line is worth no longer wait if nobody reads the log. */
    private static final Duration LAST_LINE = Duration.ofSeconds(1);

    private static final Logger LOG = System.getLogger(ProcessEnd.class.getName());

    private final AtomicBoolean told = new AtomicBoolean();
    /** Once true, stays true. */
    private volatile boolean failed;
    /** Written once, while the process starts. */
    private volatile @Nullable Log log;
    /** When the wait for the log ends. Written once, as the shutdown begins. */
    private volatile @Nullable Deadline logEnd;

    private final CompletableFuture<ToIntFunction<String>> shutdown = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock.
    private boolean begun;

    private int code = DEFECT;

    /** Where the last lines go, and how long the shutdown may take. */
    private record Log(LogWriter writer, Duration shutdown) {}

    private ProcessEnd() {}

    /** Handles signals and exits from now on. A signal waits for the call of {@link #runs}. */
    public static ProcessEnd install() {
        ProcessEnd end = new ProcessEnd();
        Map<String, Signals.Reach> reach = new LinkedHashMap<>();
        // The JVM would do the same. We handle it only to learn whether it is ignored.
        reach.put("SIGHUP", Signals.handle("HUP", signal -> System.exit(SIGNAL_EXIT + signal.number())));
        reach.put("SIGINT", Signals.handle("INT", end::received));
        reach.put("SIGTERM", Signals.handle("TERM", end::received));
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown-hook").unstarted(end::atExit));
        if (reach.containsValue(Signals.Reach.LEFT_TO_THE_SYSTEM)) {
            StandardError.say("muster: the JVM leaves signals to the system (-Xrs): SIGTERM ends this process at once,"
                    + " and loses what is in flight");
        } else if (reach.containsValue(Signals.Reach.IGNORED)) {
            StandardError.say("muster: " + ignored(reach));
        }
        return end;
    }

    /** Names the signals that are ignored, because of {@code nohup} or a shell's {@code &}, and those that work. */
    private static String ignored(Map<String, Signals.Reach> reach) {
        List<String> deaf = new ArrayList<>();
        List<String> stops = new ArrayList<>();
        reach.forEach((name, where) -> (where == Signals.Reach.IGNORED ? deaf : stops).add(name));
        // SIGHUP ends the process, too, but not as well.
        stops.remove("SIGHUP");
        return String.join(" and ", deaf)
                + (deaf.size() == 1 ? " was" : " were")
                + " ignored when this process was started, which is permanent; to stop the process, send "
                + (stops.isEmpty() ? "SIGKILL" : String.join(" or ", stops));
    }

    /**
     * Sets the log whose lines are written before the process ends, if somebody reads them.
     *
     * @param shutdown the longest wait for them, from the beginning of the shutdown: its whole time
     */
    public void logsTo(LogWriter writer, Duration shutdown) {
        log = new Log(writer, shutdown);
    }

    /**
     * Sets the shutdown: a function from the reason to the exit code. Called at most once, on a thread of its own.
     */
    public void runs(ToIntFunction<String> whatEndsIt) {
        shutdown.complete(whatEndsIt);
    }

    private void received(Signals.Received signal) {
        if (told.compareAndSet(false, true)) {
            begin(signal.name());
        } else {
            halt(signal);
        }
    }

    /**
     * Ends the process in order after a failure: with 70, whatever the shutdown returns. Does not wait.
     *
     * @param why for the log
     */
    public void fail(String why) {
        failed = true;
        LOG.log(Level.ERROR, "ends with {0}: {1}", Integer.toString(DEFECT), why);
        begin("failure");
    }

    private void begin(String why) {
        Thread.ofPlatform().name("shutdown").daemon(false).start(() -> {
            int exit = DEFECT;
            try {
                exit = once(shutdown.join(), why);
            } finally {
                System.exit(failed ? DEFECT : exit);
            }
        });
    }

    private void atExit() {
        ToIntFunction<String> whatEndsIt = shutdown.getNow(null);
        // Null: the process ends because it could not start.
        if (whatEndsIt != null) {
            once(whatEndsIt, "exit");
        }
        endLog();
    }

    private void endLog() {
        Deadline deadline = logEnd;
        Duration left = deadline == null ? Duration.ZERO : deadline.remaining();
        endLog(left.compareTo(LAST_LINE) < 0 ? LAST_LINE : left);
    }

    private void endLog(Duration atMost) {
        Log toEnd = log;
        if (toEnd != null) {
            toEnd.writer().end(atMost);
        }
    }

    /** A second caller waits for the first. */
    private int once(ToIntFunction<String> whatEndsIt, String why) {
        lock.lock();
        try {
            if (!begun) {
                begun = true;
                Log writesOut = log;
                logEnd = writesOut == null ? null : Deadline.after(writesOut.shutdown());
                code = whatEndsIt.applyAsInt(why);
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the shutdown failed", e);
        } finally {
            lock.unlock();
        }
        return code;
    }

    private void halt(Signals.Received signal) {
        Thread lastLine = Thread.ofPlatform().name("last-line").daemon().start(() -> {
            LOG.log(Level.WARNING, "second signal {0}, ends at once", signal.name());
            endLog(LAST_LINE);
        });
        try {
            lastLine.join(LAST_LINE);
        } catch (InterruptedException e) {
            // ends even sooner
        }
        Runtime.getRuntime().halt(SIGNAL_EXIT + signal.number());
    }
}
