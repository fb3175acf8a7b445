package dev.muster.problem;

import dev.muster.concurrent.Cancellation.Cause;
import io.helidon.http.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error as a client sees it (RFC 9457). Immutable.
 *
 * @param detail what went wrong this time, fit for a client's eyes
 * @param backend the backend that failed, if one did
 * @param cause what the request was cancelled by, if it was
 * @param index where in a batch's list of ids it went wrong, if it did in there
 * @param id the one there, where it is a valid one
 * @param headers what goes with it, such as Retry-After or Allow
 */
public record Problem(
        ProblemType type,
        String detail,
        @Nullable String backend,
        @Nullable Cause cause,
        @Nullable Integer index,
        @Nullable String id,
        List<Header> headers) {

    static Problem of(ProblemType type, String detail) {
        return of(type, detail, null, null);
    }

    static Problem of(ProblemType type, String detail, @Nullable String backend, @Nullable Cause cause) {
        return new Problem(type, detail, backend, cause, null, null, List.of());
    }

    Problem with(Header header) {
        return new Problem(type, detail, backend, cause, index, id, List.of(header));
    }

    /** The same, in a batch's list of ids. */
    Problem at(@Nullable Integer where, @Nullable String which) {
        return new Problem(type, detail, backend, cause, where, which, headers);
    }

    public int status() {
        return type.status();
    }
}
