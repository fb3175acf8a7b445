package dev.muster.config;

import java.time.Duration;

/**
 * How the log is written.
 *
 * @param format the form of each line
 * @param maxQueuedBytes of lines that wait to be written; what comes on top of them is dropped
 * @param stuckAfter how long the log may stand still with lines to write until the process counts as dead; zero for ever
 */
public record LogConfig(LogFormat format, int maxQueuedBytes, Duration stuckAfter) {

    static LogConfig from(Values values) {
        return new LogConfig(
                values.get(Keys.LOG_FORMAT), values.get(Keys.LOG_MAX_QUEUED_BYTES), values.get(Keys.LOG_STUCK_AFTER));
    }
}
