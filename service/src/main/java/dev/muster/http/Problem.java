package dev.muster.http;

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
 * @param headers what goes with it, such as Retry-After or Allow
 */
public record Problem(
        ProblemType type,
        String detail,
        @Nullable String backend,
        @Nullable Cause cause,
        List<Header> headers) {

    static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, null, null, List.of());
    }

    Problem with(Header header) {
        return new Problem(type, detail, backend, cause, List.of(header));
    }

    int status() {
        return type.status();
    }
}
