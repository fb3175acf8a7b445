package dev.muster.config;

/**
 * Where the admin server listens, and what it keeps to show.
 *
 * @param host the address or host name to bind
 * @param port the TCP port; 0 lets the system choose a free one
 * @param keptRequests how many of the last failed, partial and slowest requests are kept in all
 */
public record AdminConfig(String host, int port, int keptRequests) {

    static AdminConfig from(Values values) {
        return new AdminConfig(
                values.get(Keys.ADMIN_HOST), values.get(Keys.ADMIN_PORT), values.get(Keys.KEPT_REQUESTS));
    }
}
