package dev.muster.request;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The caller's trace, passed on unchanged (W3C Trace Context, level 1). Immutable.
 *
 * <p>An invalid or repeated {@code traceparent} is dropped together with the {@code tracestate}. An invalid
 * {@code tracestate} is dropped alone, as the recommendation asks.
 */
public record TraceContext(
        @Nullable String traceparent, @Nullable String tracestate) {
    private static final TraceContext NONE = new TraceContext(null, null);
    private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");
    private static final HeaderName TRACESTATE = HeaderNames.create("tracestate");

    /** Versions after 00 may have more than the four known fields; ff is forbidden. */
    private static final Pattern VALID_PARENT = Pattern.compile(
            "(?:00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
                + "|(?!00|ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\\x21-\\x7e]*)?)");

    private static final int MAX_STATE_LENGTH = 512;
    private static final int MAX_STATE_MEMBERS = 32;
    private static final Pattern VALID_MEMBER =
            Pattern.compile("(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
                    + "=[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]");

    public static TraceContext of(Headers headers) {
        if (!headers.contains(TRACEPARENT)) {
            return NONE;
        }
        // Not values(), which splits lines at commas and so changes them.
        List<String> parents = headers.all(TRACEPARENT, List::of);
        if (parents.size() != 1 || !VALID_PARENT.matcher(parents.getFirst()).matches()) {
            return NONE;
        }
        String state = headers.contains(TRACESTATE) ? String.join(",", headers.all(TRACESTATE, List::of)) : null;
        return new TraceContext(parents.getFirst(), state != null && isValidState(state) ? state : null);
    }

    private static boolean isValidState(String state) {
        if (state.length() > MAX_STATE_LENGTH) {
            return false;
        }
        String[] members = state.split(",", -1);
        if (members.length > MAX_STATE_MEMBERS) {
            return false;
        }
        for (String member : members) {
            String bare = member.strip();
            if (!bare.isEmpty() && !VALID_MEMBER.matcher(bare).matches()) {
                return false;
            }
        }
        return true;
    }

    public @Nullable String traceId() {
        return traceparent == null ? null : traceparent.substring(3, 35);
    }
}
