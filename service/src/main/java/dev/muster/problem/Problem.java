package dev.muster.problem;

import dev.muster.concurrent.Cancellation.Cause;
import io.helidon.http.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told of an error (RFC 9457). Immutable.
 *
 * @param detail what went wrong in this case, in words for the client
 * @param backend the backend that failed, if one did
 * @param cause why the request was cancelled, if it was
 * @param index the position of the fault in a batch's list of ids, if it is in there
 * @param id the id at that position, if it is valid
 * @param headers response headers, such as Retry-After or Allow
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

    /** The same problem at a position in a batch's list of ids. */
    Problem at(@Nullable Integer where, @Nullable String which) {
        return new Problem(type, detail, backend, cause, where, which, headers);
    }

    public int status() {
        return type.status();
    }
}
