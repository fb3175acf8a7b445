package dev.muster.config;

/**
 * Where the service listens, and how much it takes on.
 *
 * @param host the address or host name to bind
 * @param port the TCP port; 0 lets the system choose a free one
 * @param maxRequests served at once; one more is refused
 */
public record ServerConfig(String host, int port, int maxRequests) {

    static ServerConfig from(Values values) {
        return new ServerConfig(
                values.get(Keys.SERVER_HOST), values.get(Keys.SERVER_PORT), values.get(Keys.MAX_REQUESTS));
    }
}
