package dev.muster.concurrent;

import java.time.Duration;

/**
 * How one branch of a {@link FanOut} ended. Immutable.
 *
 * @param <T> what the branch yields
 */
public sealed interface Outcome<T> {

    /** From the fan-out's opening to this branch's end: what ended first has the smallest. */
    Duration elapsed();

    /** The branch returned {@code value}. */
    record Success<T>(T value, Duration elapsed) implements Outcome<T> {}

    /** The branch threw {@code cause} of its own accord. */
    record Failed<T>(Throwable cause, Duration elapsed) implements Outcome<T> {}

    /** The branch's own deadline passed and ended it. */
    record TimedOut<T>(Duration elapsed) implements Outcome<T> {}

    /** The branch was ended, or not begun, for a cause outside of it. */
    record Cancelled<T>(Cancellation.Cause cause, Duration elapsed) implements Outcome<T> {}
}
