package dev.muster.backend;

import java.time.DateTimeException;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a backend's answer: returns its JSON, or throws the failure that it means. Immutable. */
final class AnswerCheck {
    private static final Pattern DELAY_SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final Pattern VISIBLE = Pattern.compile("[\\t\\x20-\\x7e]+");
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final String backend;
    /** 401 and 403 concern our client only if we forward its credentials. Otherwise they are our failure. */
    private final boolean authorizationForwarded;

    AnswerCheck(String backend, List<String> forwardHeaders) {
        this.backend = backend;
        this.authorizationForwarded = forwardHeaders.stream().anyMatch("Authorization"::equalsIgnoreCase);
    }

    /** The JSON of a good answer, not yet parsed. */
    byte[] body(Answer answer) throws BackendException {
        if (answer.status() != 200) {
            throw failure(answer);
        }
        byte[] body = answer.body();
        if (body == null) {
            throw bad("answered with a body that is too large");
        }
        if (!answer.isJson()) {
            throw bad("answered with another media type than application/json");
        }
        String encoding = answer.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw bad("answered with a content encoding that was not asked for");
        }
        return withoutByteOrderMark(body);
    }

    /** Some backends write a byte order mark. RFC 8259 section 8.1 allows us to ignore it. */
    private static byte[] withoutByteOrderMark(byte[] body) {
        return Arrays.mismatch(body, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length
                ? Arrays.copyOfRange(body, BYTE_ORDER_MARK.length, body.length)
                : body;
    }

    private BackendException failure(Answer answer) {
        int status = answer.status();
        return switch (status) {
            case 404 -> new BackendException.NotFound(backend);
            case 429, 503 ->
                new BackendException.Overloaded(
                        backend,
                        "rejected the call with status " + status,
                        validRetryAfter(answer.header("Retry-After")));
            case 401, 403 ->
                authorizationForwarded
                        ? new BackendException.Denied(backend, status, challenge(answer))
                        : bad("rejected the call with status " + status);
            default ->
                status >= 500
                        ? new BackendException.Unavailable(backend, "failed with status " + status, null)
                        : bad("answered with unexpected status " + status);
        };
    }

    private BackendException.BadResponse bad(String what) {
        return new BackendException.BadResponse(backend, what, null);
    }

    /**
     * All challenges in one list (RFC 9110 section 11.6.1), null if unfit for a header: HttpCore reads control characters,
     * but Helidon does not write them.
     */
    private static @Nullable String challenge(Answer answer) {
        String challenge = String.join(", ", answer.headers("WWW-Authenticate"));
        return VISIBLE.matcher(challenge).matches() ? challenge : null;
    }

    /** A Retry-After of either form that RFC 9110 section 10.2.3 allows, else null. */
    private static @Nullable String validRetryAfter(@Nullable String value) {
        if (value == null || DELAY_SECONDS.matcher(value).matches()) {
            return value;
        }
        try {
            DateTimeFormatter.RFC_1123_DATE_TIME.parse(value);
            return value;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
