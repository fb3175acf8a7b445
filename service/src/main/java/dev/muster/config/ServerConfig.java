package dev.muster.config;

/**
 * Where the service listens.
 *
 * @param host the address or host name to bind
 * @param port the TCP port; 0 lets the system choose a free one
 */
public record ServerConfig(String host, int port) {

    static ServerConfig from(Values values) {
        return new ServerConfig(values.get(Keys.SERVER_HOST), values.get(Keys.SERVER_PORT));
    }
}
