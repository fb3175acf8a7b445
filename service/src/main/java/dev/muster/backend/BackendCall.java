package dev.muster.backend;

import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import java.util.Objects;

/** One call to a backend for a request: the branch that makes it, and how far it came. */
public record BackendCall<T>(Branch<T> branch, CallTimes times) {

    /** The name of the backend. */
    public String backend() {
        return branch.name();
    }

    /** How it ended, which it must have. */
    public Outcome<T> outcome() {
        return Objects.requireNonNull(branch.outcome(), "a call that still runs");
    }

    /** Whether it was made at all, and not cancelled before. */
    public boolean begun() {
        return times.reached(CallTimes.Stage.BEGAN);
    }
}
