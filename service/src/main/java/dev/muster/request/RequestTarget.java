package dev.muster.request;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the path in a request target (RFC 9112 section 3.2), without decoding it. */
final class RequestTarget {
    private static final Pattern ABSOLUTE = Pattern.compile("https?://[^/?#]*", Pattern.CASE_INSENSITIVE);

    private RequestTarget() {}

    /** The path of a target in origin form, or in absolute form, which servers must accept too (section 3.2.2). */
    static String path(String target) {
        int start = 0;
        if (!target.startsWith("/")) {
            Matcher absolute = ABSOLUTE.matcher(target);
            start = absolute.lookingAt() ? absolute.end() : 0;
        }
        int end = start;
        while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
            end++;
        }
        return target.substring(start, end);
    }
}
