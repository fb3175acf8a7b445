package dev.muster.profile;

import dev.muster.backend.BackendException;
import dev.muster.http.ProblemType;
import dev.muster.http.Problems;
import java.time.Duration;

/**
 * What a partial profile says of a backend whose part is missing: the members of a problem (RFC 9457) that tell what
 * went wrong. Immutable.
 *
 * @param retryable whether asking again may find it there
 * @param elapsedMs how long the call took until it failed, in milliseconds
 */
public record MissingPart(
        String backend, String type, int status, String title, String detail, boolean retryable, double elapsedMs) {

    static MissingPart of(BackendException failure, Duration elapsed) {
        ProblemType type = Problems.of(failure).type();
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
