package dev.muster.config;

/**
 * How the log is written.
 *
 * @param format the form of each line
 */
public record LogConfig(LogFormat format) {

    static LogConfig from(Values values) {
        return new LogConfig(values.get(Keys.LOG_FORMAT));
    }
}
