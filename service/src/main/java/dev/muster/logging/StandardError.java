package dev.muster.logging;

import java.time.Duration;

/** Writes lines to standard error, where there is no log. It may be a pipe without a reader, so the wait is short. */
public final class StandardError {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private StandardError() {}

    /** Writes a line, and waits for it at most 1 s. */
    public static void say(String line) {
        Thread writer = Thread.ofPlatform().name("standard-error").daemon().start(() -> System.err.println(line));
        try {
            writer.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
