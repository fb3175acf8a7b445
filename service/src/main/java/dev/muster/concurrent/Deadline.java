package dev.muster.concurrent;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A point in monotonic time by which work must end: made once per request and passed down as an argument, like Go's
 * {@code context.Context}.
 *
 * <p>Immutable and safe for use by any thread. It uses {@link System#nanoTime()}, so that a step of the wall clock does
 * not move it. Only this package sees nanoseconds; others use {@link Duration}.
 */
public final class Deadline implements Comparable<Deadline> {
    private final LongSupplier clock;
    private final long atNanos;

    private Deadline(LongSupplier clock, long atNanos) {
        this.clock = clock;
        this.atNanos = atNanos;
    }

    public static Deadline after(Duration duration) {
        return after(duration, System::nanoTime);
    }

    /** A deadline on another monotonic clock, in nanoseconds of any origin; for tests. */
    public static Deadline after(Duration duration, LongSupplier clock) {
        return new Deadline(clock, clock.getAsLong() + duration.toNanos());
    }

    /** The time left; zero, never negative, after the deadline. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    public boolean hasPassed() {
        return remainingNanos() <= 0;
    }

    /** The time since the deadline; zero before it. */
    public Duration overshoot() {
        return Duration.ofNanos(Math.max(0, -remainingNanos()));
    }

    /** The earlier of this deadline and {@code limit} from now. */
    public Deadline capped(Duration limit) {
        long limitNanos = limit.toNanos();
        return remainingNanos() <= limitNanos ? this : new Deadline(clock, clock.getAsLong() + limitNanos);
    }

    /** The deadline of work that must leave {@code reserve} to its caller. */
    public Deadline minus(Duration reserve) {
        return reserve.isZero() ? this : new Deadline(clock, atNanos - reserve.toNanos());
    }

    /** The earlier one comes first. Both must use the same clock. Not consistent with equals. */
    @Override
    public int compareTo(Deadline other) {
        // By the difference, as the clock may overflow.
        return Long.signum(atNanos - other.atNanos);
    }

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
