package dev.muster.config;

/**
 * Where the demo backends listen.
 *
 * @param port the TCP port; 0 lets the system choose a free one
 */
public record DemoConfig(int port) {

    static DemoConfig from(Values values) {
        return new DemoConfig(values.get(Keys.DEMO_PORT));
    }
}
