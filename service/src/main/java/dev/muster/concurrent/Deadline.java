package dev.muster.concurrent;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A point in monotonic time by which work must have ended: made once per request and passed down as an argument, as
 * Go passes a {@code context.Context}.
 *
 * <p>Immutable and safe for use by any thread. It is read from {@link System#nanoTime()}, so that a step of the wall
 * clock moves no deadline; nanoseconds are known to this package alone, everyone else speaks of {@link Duration}.
 */
public final class Deadline implements Comparable<Deadline> {
    private final LongSupplier clock;
    private final long atNanos;

    private Deadline(LongSupplier clock, long atNanos) {
        this.clock = clock;
        this.atNanos = atNanos;
    }

    /** A deadline that passes when {@code duration} has gone by from now. */
    public static Deadline after(Duration duration) {
        return after(duration, System::nanoTime);
    }

    /** A deadline on another monotonic clock, in nanoseconds of any origin; tests inject theirs here. */
    public static Deadline after(Duration duration, LongSupplier clock) {
        return new Deadline(clock, clock.getAsLong() + duration.toNanos());
    }

    /** What is left; zero, never negative, once the deadline has passed. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    public boolean hasPassed() {
        return remainingNanos() <= 0;
    }

    /** How long ago it passed; zero as long as it has not. */
    public Duration overshoot() {
        return Duration.ofNanos(Math.max(0, -remainingNanos()));
    }

    /** The earlier of this deadline and {@code limit} from now. */
    public Deadline capped(Duration limit) {
        long limitNanos = limit.toNanos();
        return remainingNanos() <= limitNanos ? this : new Deadline(clock, clock.getAsLong() + limitNanos);
    }

    /** The deadline of work that must leave {@code reserve} to whoever waits for it. */
    public Deadline minus(Duration reserve) {
        return reserve.isZero() ? this : new Deadline(clock, atNanos - reserve.toNanos());
    }

    /** The earlier one comes first; both are of the same clock. Two of the same moment are not equal for that. */
    @Override
    public int compareTo(Deadline other) {
        // Not by their values: the clock may overflow.
        return Long.signum(atNanos - other.atNanos);
    }

    /** The moment itself, on the scale of the clock that it was made from. */
    long atNanos() {
        return atNanos;
    }

    private long remainingNanos() {
        return atNanos - clock.getAsLong();
    }

    @Override
    public String toString() {
        return "Deadline in " + Duration.ofNanos(remainingNanos());
    }
}
