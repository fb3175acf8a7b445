package dev.muster.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The names of request headers that are passed on to a backend. */
record HeaderNames() implements Kind<List<String>> {

    /** A token of RFC 9110 section 5.6.2. */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** What belongs to one connection, RFC 9110 section 7.6.1, and what the client writes itself. */
    private static final Set<String> NEVER_FORWARDED = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "content-length",
            "expect",
            "accept",
            "accept-encoding",
            "range",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "if-range",
            "x-envoy-expected-rq-timeout-ms",
            "x-request-id",
            "traceparent",
            "tracestate");

    @Override
    public List<String> read(String text) throws Refused {
        if (text.isBlank()) {
            return List.of();
        }
        List<String> names = Stream.of(text.split(",", -1)).map(String::strip).toList();
        Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : names) {
            if (!TOKEN.matcher(name).matches()) {
                throw new Refused("'" + name + "' is not one");
            }
            if (NEVER_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                throw new Refused(name + " is never forwarded");
            }
            if (!seen.add(name)) {
                throw new Refused(name + " is there twice");
            }
        }
        return names;
    }

    @Override
    public String allowed() {
        return "a list of header names";
    }

    @Override
    public boolean isList() {
        return true;
    }
}
