package dev.muster.http;

import io.helidon.http.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error as a client sees it (RFC 9457). Immutable.
 *
 * @param detail what went wrong this time, fit for a client's eyes
 * @param backend the backend that failed, if one did
 * @param headers what goes with it, such as Retry-After or Allow
 */
public record Problem(
        ProblemType type, String detail, @Nullable String backend, List<Header> headers) {

    static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, null, List.of());
    }

    Problem with(Header header) {
        return new Problem(type, detail, backend, List.of(header));
    }

    int status() {
        return type.status();
    }
}
