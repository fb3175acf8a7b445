package dev.muster.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How one backend is reached.
 *
 * @param baseUri http or https, with a host; its path is a prefix that does not end in {@code /}
 * @param timeout the most that one call may take, connecting included
 * @param maxConnections connections open at once
 * @param maxWaiting calls of single requests waiting for a connection at once
 * @param idleTimeout an idle connection is closed after that
 * @param maxBody the largest answer body that is read, in bytes
 * @param required whether a lenient request, too, fails without it; always true for user
 * @param forwardHeaders names of the request headers that are passed on
 * @param trustStore the certificates trusted over https; empty for the JDK's own
 * @param trustStorePassword what opens the trust store
 * @param dnsRefresh how long an address that was looked up is used
 * @param bulkRateLimit calls for batches that may begin per second; 0 for any number
 */
public record BackendConfig(
        URI baseUri,
        Duration timeout,
        int maxConnections,
        int maxWaiting,
        Duration idleTimeout,
        int maxBody,
        boolean required,
        List<String> forwardHeaders,
        Optional<Path> trustStore,
        Secret trustStorePassword,
        Duration dnsRefresh,
        int bulkRateLimit) {

    public BackendConfig {
        forwardHeaders = List.copyOf(forwardHeaders);
    }

    static BackendConfig from(Values values, String backend) {
        return new BackendConfig(
                values.get(Keys.BASE_URI.of(backend)),
                values.get(Keys.TIMEOUT.of(backend)),
                values.get(Keys.MAX_CONNECTIONS.of(backend)),
                values.get(Keys.MAX_WAITING.of(backend)),
                values.get(Keys.IDLE_TIMEOUT.of(backend)),
                values.get(Keys.MAX_BODY.of(backend)),
                values.get(Keys.REQUIRED.of(backend)),
                values.get(Keys.FORWARD_HEADERS.of(backend)),
                values.get(Keys.TRUST_STORE.of(backend)),
                values.get(Keys.TRUST_STORE_PASSWORD.of(backend)),
                values.get(Keys.DNS_REFRESH.of(backend)),
                values.get(Keys.BULK_RATE_LIMIT.of(backend)));
    }
}
