package dev.muster.profile;

import dev.muster.backend.BackendException;
import dev.muster.problem.ProblemTable;
import dev.muster.problem.ProblemType;
import java.time.Duration;

/**
 * A missing part in a partial profile: the members of a problem (RFC 9457) about the failure. Immutable.
 *
 * @param retryable whether the same request may have the part a little later
 * @param elapsedMs milliseconds from the beginning of the call to its failure
 */
public record MissingPart(
        String backend, String type, int status, String title, String detail, boolean retryable, double elapsedMs) {

    static MissingPart of(BackendException failure, Duration elapsed) {
        ProblemType type = ProblemTable.of(failure).type();
        return new MissingPart(
                failure.backend(),
                type.uri(),
                type.status(),
                type.title(),
                failure.detail(),
                type.retryable(),
                Math.round(elapsed.toNanos() / 1e3) / 1e3);
    }
}
