package dev.muster.concurrent;

import java.time.Duration;

/**
 * How one branch of a {@link FanOut} ended. Immutable.
 *
 * @param <T> the branch's result
 */
public sealed interface Outcome<T> {

    /** From the fan-out's opening to this branch's end: the first to end has the smallest. */
    Duration elapsed();

    /** The branch returned {@code value}. */
    record Success<T>(T value, Duration elapsed) implements Outcome<T> {}

    /** The branch itself threw {@code cause}. */
    record Failed<T>(Throwable cause, Duration elapsed) implements Outcome<T> {}

    /** The branch's own deadline passed and ended it. */
    record TimedOut<T>(Duration elapsed) implements Outcome<T> {}

    /** An outside cause ended the branch, or kept it from beginning. */
    record Cancelled<T>(Cancellation.Cause cause, Duration elapsed) implements Outcome<T> {}
}
