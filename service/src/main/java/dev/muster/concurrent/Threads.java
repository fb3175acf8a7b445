package dev.muster.concurrent;

/** Waits for threads that whoever owns them must see end. */
public final class Threads {
    private Threads() {}

    /** Waits for the end of {@code thread}. Not cut short by an interrupt, which is kept for the caller. */
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
