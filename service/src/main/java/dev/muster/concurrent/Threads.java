package dev.muster.concurrent;

/** Waits for the end of threads, even if interrupted. */
public final class Threads {
    private Threads() {}

    /** Waits for the end of {@code thread}. Keeps an interrupt for the caller. */
    public static void joinUninterruptibly(Thread thread) {
        boolean interrupted = Thread.interrupted();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
