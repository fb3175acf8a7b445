package dev.muster.lifecycle;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;

/**
 * Ends the process in order when it is told to: the first SIGTERM or SIGINT begins that, the second ends it at once.
 *
 * <p>A shutdown hook does the same where the JVM ends for another reason. It cannot do it as well: the JDK's own hooks
 * run beside it, of which one closes the log, and no hook has a say in the exit code.
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

    private final CompletableFuture<ToIntFunction<String>> shutdown = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock.
    private boolean begun;
    private int code = DEFECT;

    private ProcessEnd() {}

    /** Takes charge of the process' end. A signal that comes before {@link #runs} waits for that. */
    public static ProcessEnd install() {
        ProcessEnd end = new ProcessEnd();
        boolean term = Signals.handle("TERM", end::received);
        boolean interrupt = Signals.handle("INT", end::received);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown-hook").unstarted(end::atExit));
        if (!term || !interrupt) {
            System.err.println("muster: the JVM leaves signals to the system (-Xrs): SIGTERM ends this process at once,"
                    + " and loses what is in flight");
        }
        return end;
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
    }

    /** Whoever comes second waits for the first. */
    private int once(ToIntFunction<String> whatEndsIt, String why) {
        lock.lock();
        try {
            if (!begun) {
                begun = true;
                code = whatEndsIt.applyAsInt(why);
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the shutdown failed", e);
        } finally {
            lock.unlock();
        }
        return code;
    }

    private static void halt(Signals.Received signal) {
        Thread lastLine = Thread.ofPlatform()
                .name("last-line")
                .daemon()
                .start(() -> LOG.log(Level.WARNING, "told again by {0}, ends at once", signal.name()));
        try {
            lastLine.join(LAST_LINE);
        } catch (InterruptedException e) {
            // all the sooner
        }
        Runtime.getRuntime().halt(SIGNAL_EXIT + signal.number());
    }
}
