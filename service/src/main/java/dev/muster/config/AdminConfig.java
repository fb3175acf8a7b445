package dev.muster.config;

/**
 * Where the admin server listens.
 *
 * @param host the address or host name to bind
 * @param port the TCP port; 0 lets the system choose a free one
 */
public record AdminConfig(String host, int port) {

    static AdminConfig from(Values values) {
        return new AdminConfig(values.get(Keys.ADMIN_HOST), values.get(Keys.ADMIN_PORT));
    }
}
