package dev.muster.config;

import java.time.Duration;

/**
 * How long the service takes to stop, at most.
 *
 * @param lameDuck goes on as before, though not ready any more, so that load balancers notice
 * @param linger connections may begin another request for that long after the port is closed; part of {@code drain}
 * @param drain requests may go on for that long after the port is closed
 * @param cancel requests that were cancelled have that long to end
 */
public record ShutdownConfig(Duration lameDuck, Duration linger, Duration drain, Duration cancel) {

    static ShutdownConfig from(Values values) {
        return new ShutdownConfig(
                values.get(Keys.LAME_DUCK), values.get(Keys.LINGER), values.get(Keys.DRAIN), values.get(Keys.CANCEL));
    }

    /** From being told to stop until nothing is waited for any more. */
    public Duration inAll() {
        return lameDuck.plus(drain).plus(cancel);
    }
}
