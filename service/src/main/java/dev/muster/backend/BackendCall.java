package dev.muster.backend;

import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import java.util.Objects;

/** One call to a backend for a request: its branch and its times. */
public record BackendCall<T>(Branch<T> branch, CallTimes times) {

    public String backend() {
        return branch.name();
    }

    /** How the call ended. It must have ended. */
    public Outcome<T> outcome() {
        return Objects.requireNonNull(branch.outcome(), "the call still runs");
    }

    /** False if the call was cancelled before it began. */
    public boolean begun() {
        return times.reached(CallTimes.Stage.BEGAN);
    }
}
