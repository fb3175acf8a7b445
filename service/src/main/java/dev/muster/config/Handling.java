package dev.muster.config;

/** What a request gets where something of its answer is missing: the values of {@code Prefer: handling} (RFC 7240). */
public enum Handling {
    /** All or nothing: the first failure is the answer. */
    STRICT,
    /** What there is, and what is missing. */
    LENIENT
}
