package dev.muster.config;

/** The answer to a request after a failure: the values of {@code Prefer: handling} (RFC 7240). */
public enum Handling {
    /** All or nothing: the first failure is the answer. */
    STRICT,
    /** The available parts, and the reasons for the missing ones. */
    LENIENT
}
