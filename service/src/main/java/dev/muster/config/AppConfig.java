package dev.muster.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The whole configuration, checked. Its sections stand in the order of {@code application.yaml}, which explains each key
 * and its limits.
 *
 * <p>Immutable, as are all its sections.
 *
 * @param handling of a request without a preference
 */
public record AppConfig(
        Map<BackendName, BackendConfig> backends,
        ServerConfig server,
        AdminConfig admin,
        ConnectionConfig connection,
        DeadlineConfig deadline,
        Handling handling,
        BulkConfig bulk,
        ShutdownConfig shutdown,
        LogConfig log,
        DemoConfig demo) {

    static AppConfig from(Values values) {
        return new AppConfig(
                BackendConfig.ofAll(values),
                ServerConfig.from(values),
                AdminConfig.from(values),
                ConnectionConfig.from(values),
                DeadlineConfig.from(values),
                values.get(Keys.HANDLING),
                BulkConfig.from(values),
                ShutdownConfig.from(values),
                LogConfig.from(values),
                new DemoConfig(values.get(Keys.DEMO_HOST), values.get(Keys.DEMO_PORT)));
    }

    /**
     * One backend.
     *
     * @param baseUri http or https, with a host; its path is a prefix without a {@code /} at its end
     * @param timeout of one call, connecting included
     * @param maxConnections open connections
     * @param maxWaiting waiting calls of single requests
     * @param idleTimeout of an idle connection
     * @param maxBody bytes of an answer's body
     * @param required whether a lenient request, too, fails without this backend; always true for user
     * @param forwardHeaders names of the request headers for this backend
     * @param trustStore the certificates trusted over https; empty for the JDK's own
     * @param trustStorePassword the trust store's password
     * @param dnsRefresh the lifetime of a resolved address
     * @param bulkRateLimit calls of batches per second; 0 for no limit
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

        private static Map<BackendName, BackendConfig> ofAll(Values values) {
            Map<BackendName, BackendConfig> backends = new EnumMap<>(BackendName.class);
            BackendName.ALL.forEach(name -> backends.put(name, from(values, name)));
            return Collections.unmodifiableMap(backends);
        }

        private static BackendConfig from(Values values, BackendName backend) {
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

    /**
     * The port of the service.
     *
     * @param host the address or host name to bind
     * @param port the TCP port; 0 for a free one
     * @param maxRequests requests in flight; one more is rejected
     */
    public record ServerConfig(String host, int port, int maxRequests) {
        private static ServerConfig from(Values values) {
            return new ServerConfig(
                    values.get(Keys.SERVER_HOST), values.get(Keys.SERVER_PORT), values.get(Keys.MAX_REQUESTS));
        }
    }

    /**
     * The admin port.
     *
     * @param host the address or host name to bind
     * @param port the TCP port; 0 for a free one
     * @param keptRequests recent failed, partial and slowest requests in memory
     */
    public record AdminConfig(String host, int port, int keptRequests) {
        private static AdminConfig from(Values values) {
            return new AdminConfig(
                    values.get(Keys.ADMIN_HOST), values.get(Keys.ADMIN_PORT), values.get(Keys.KEPT_REQUESTS));
        }
    }

    /**
     * The limits of a client's connection.
     *
     * @param headTimeout of a request's head, from its first byte to its last
     * @param bodyTimeout of a request's body, from the first wait for it
     * @param writeTimeout of each part of an answer
     * @param idleTimeout of a connection without a request
     * @param maxConnections open connections on the service's port
     * @param clientGoneAfter the age of a request from which its client is watched
     * @param refusalsPerSecond requests rejected for load per second, before their clients have to pause
     */
    public record ConnectionConfig(
            Duration headTimeout,
            Duration bodyTimeout,
            Duration writeTimeout,
            Duration idleTimeout,
            int maxConnections,
            Duration clientGoneAfter,
            int refusalsPerSecond) {

        private static ConnectionConfig from(Values values) {
            return new ConnectionConfig(
                    values.get(Keys.HEAD_TIMEOUT),
                    values.get(Keys.BODY_TIMEOUT),
                    values.get(Keys.WRITE_TIMEOUT),
                    values.get(Keys.CLIENT_IDLE_TIMEOUT),
                    values.get(Keys.CLIENT_CONNECTIONS),
                    values.get(Keys.CLIENT_GONE_AFTER),
                    values.get(Keys.REFUSALS_PER_SECOND));
        }

        public ConnectionConfig withMaxConnections(int connections) {
            return new ConnectionConfig(
                    headTimeout,
                    bodyTimeout,
                    writeTimeout,
                    idleTimeout,
                    connections,
                    clientGoneAfter,
                    refusalsPerSecond);
        }
    }

    /**
     * The time for a request.
     *
     * @param byDefault for a request without a deadline ({@code deadline.default}); at most {@code max}
     * @param max for any request ({@code deadline.max})
     * @param reserve the part for the answer, kept from the backends; less than {@code byDefault}
     */
    public record DeadlineConfig(Duration byDefault, Duration max, Duration reserve) {
        private static DeadlineConfig from(Values values) {
            return new DeadlineConfig(
                    values.get(Keys.DEADLINE_DEFAULT),
                    values.get(Keys.DEADLINE_MAX),
                    values.get(Keys.DEADLINE_RESERVE));
        }
    }

    /**
     * Batches.
     *
     * @param handling of a batch without a preference
     * @param workers ids in progress
     * @param maxIds different ids of one batch
     * @param maxQueued waiting ids; a batch that exceeds it is rejected
     * @param maxBufferedBytes memory for the requests and results of batches
     * @param backendShare percent of a backend's connections for batches
     * @param deadline of a whole batch
     */
    public record BulkConfig(
            Handling handling,
            int workers,
            int maxIds,
            int maxQueued,
            int maxBufferedBytes,
            int backendShare,
            DeadlineConfig deadline) {

        private static BulkConfig from(Values values) {
            return new BulkConfig(
                    values.get(Keys.BULK_HANDLING),
                    values.get(Keys.BULK_WORKERS),
                    values.get(Keys.BULK_MAX_IDS),
                    values.get(Keys.BULK_MAX_QUEUED),
                    values.get(Keys.BULK_MAX_BUFFERED_BYTES),
                    values.get(Keys.BULK_BACKEND_SHARE),
                    new DeadlineConfig(
                            values.get(Keys.BULK_DEADLINE_DEFAULT),
                            values.get(Keys.BULK_DEADLINE_MAX),
                            values.get(Keys.DEADLINE_RESERVE)));
        }
    }

    /**
     * The longest time of each phase of a stop.
     *
     * @param lameDuck normal service while not ready, for load balancers to notice
     * @param linger for one more request on an open connection, after the port is closed; part of {@code drain}
     * @param drain for requests in flight, after the port is closed
     * @param cancel for cancelled requests
     */
    public record ShutdownConfig(Duration lameDuck, Duration linger, Duration drain, Duration cancel) {
        private static ShutdownConfig from(Values values) {
            return new ShutdownConfig(
                    values.get(Keys.LAME_DUCK),
                    values.get(Keys.LINGER),
                    values.get(Keys.DRAIN),
                    values.get(Keys.CANCEL));
        }

        /** The longest stop. */
        public Duration inAll() {
            return lameDuck.plus(drain).plus(cancel);
        }
    }

    /**
     * The log.
     *
     * @param format of each line
     * @param maxQueuedBytes of waiting lines; more are dropped
     * @param stuckAfter the longest stall of the log with lines to write, after which the process counts as dead; zero
     *     for no limit
     */
    public record LogConfig(LogFormat format, int maxQueuedBytes, Duration stuckAfter) {
        private static LogConfig from(Values values) {
            return new LogConfig(
                    values.get(Keys.LOG_FORMAT),
                    values.get(Keys.LOG_MAX_QUEUED_BYTES),
                    values.get(Keys.LOG_STUCK_AFTER));
        }
    }

    /** The form of a log line. */
    public enum LogFormat {
        TEXT,
        /** One JSON object a line, for log collectors. */
        JSON
    }

    /**
     * The demo backends.
     *
     * @param host the address or host name to bind
     * @param port the TCP port; 0 for a free one
     */
    public record DemoConfig(String host, int port) {}
}
