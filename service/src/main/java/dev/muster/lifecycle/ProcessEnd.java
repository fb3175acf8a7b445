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
 * Ends the process in order when it is told to: the first SIGTERM or SIGINT begins that, the second ends it at once.
 *
 * <p>A shutdown hook does the same where the JVM ends for another reason. It cannot do it as well: the JDK's own hooks
 * run beside it, of which one takes the log from who logs, and no hook has a say in the exit code. In either case the hook
 * is where the last lines are waited for, within the shutdown's own time: whoever reads them may have stopped.
 */
public final class ProcessEnd {
    /** EX_SOFTWARE of sysexits.h. */
    private static final int DEFECT = 70;

    private static final int SIGNAL_EXIT = 128;

    /** A last line is not worth more, where nobody reads the log. */
    private static final Duration LAST_LINE = Duration.ofSeconds(1);

    private static final Logger LOG = System.getLogger(ProcessEnd.class.getName());

    private final AtomicBoolean told = new AtomicBoolean();
    /** Never false again. */
    private volatile boolean failed;
    /** Written once, while the process starts. */
    private volatile @Nullable Log log;
    /** Written once, as the shutdown begins: whoever waits for the log waits until then. */
    private volatile @Nullable Deadline logEnd;

    private final CompletableFuture<ToIntFunction<String>> shutdown = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock.
    private boolean begun;

    private int code = DEFECT;

    /** Where the last lines go, and how long the shutdown may take. */
    private record Log(LogWriter writer, Duration shutdown) {}

    private ProcessEnd() {}

    /** Takes charge of the process' end. A signal that comes before {@link #runs} waits for that. */
    public static ProcessEnd install() {
        ProcessEnd end = new ProcessEnd();
        Map<String, Signals.Reach> reach = new LinkedHashMap<>();
        // What the JVM does with it as well: handled here only to learn whether it comes.
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

    /** Which signals do nothing, and what does, as {@code nohup} and a shell's {@code &} hand that down. */
    private static String ignored(Map<String, Signals.Reach> reach) {
        List<String> deaf = new ArrayList<>();
        List<String> stops = new ArrayList<>();
        reach.forEach((name, where) -> (where == Signals.Reach.IGNORED ? deaf : stops).add(name));
        // It ends the process, too, but not as well.
        stops.remove("SIGHUP");
        return String.join(" and ", deaf)
                + (deaf.size() == 1 ? " was" : " were")
                + " ignored when this process was started, and so for good; what stops it is "
                + (stops.isEmpty() ? "SIGKILL alone" : String.join(" or ", stops));
    }

    /**
     * Has the log's lines written before the process ends, if somebody reads them.
     *
     * @param shutdown how long to wait for that from the beginning of the shutdown: as long as that may take anyway
     */
    public void logsTo(LogWriter writer, Duration shutdown) {
        log = new Log(writer, shutdown);
    }

    /**
     * Says what ends the process: a function from the reason to the exit code. It is called once, or never, on a thread
     * of its own.
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
     * Ends the process in order because it is of no use any more: with 70, whatever becomes of that. Does not wait.
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

    /** Whoever comes second waits for the first. */
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
            LOG.log(Level.WARNING, "told again by {0}, ends at once", signal.name());
            endLog(LAST_LINE);
        });
        try {
            lastLine.join(LAST_LINE);
        } catch (InterruptedException e) {
            // all the sooner
        }
        Runtime.getRuntime().halt(SIGNAL_EXIT + signal.number());
    }
}
