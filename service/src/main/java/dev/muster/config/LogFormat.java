package dev.muster.config;

/** The form of a log line. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** One JSON object a line, for log collectors. */
    JSON
}
