package dev.muster.config;

import java.time.Duration;

/**
 * How long a request may take.
 *
 * @param standard the time given to a request that asks for none ({@code deadline.default}); at most {@code maximum}
 * @param maximum the most that a request can ask for ({@code deadline.max})
 * @param reserve what is kept back from the backends, to write the answer in; less than {@code standard}
 */
public record DeadlineConfig(Duration standard, Duration maximum, Duration reserve) {

    static DeadlineConfig from(Values values) {
        return new DeadlineConfig(
                values.get(Keys.DEADLINE_DEFAULT), values.get(Keys.DEADLINE_MAX), values.get(Keys.DEADLINE_RESERVE));
    }
}
