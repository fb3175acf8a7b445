package dev.muster.logging;

import java.time.Duration;

/** Lines on standard error, where there is no log. It may be a pipe that nobody reads, so none is waited for for long. */
public final class StandardError {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private StandardError() {}

    /** Writes a line, and waits for that a second at the most. */
    public static void say(String line) {
        Thread writer = Thread.ofPlatform().name("standard-error").daemon().start(() -> System.err.println(line));
        try {
            writer.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
