package dev.muster.config;

import java.time.Duration;

/**
 * What a client may hold of the server, and for how long.
 *
 * @param headTimeout for a request's head, from its first byte to its last
 * @param bodyTimeout for a request's body, from when the server begins to wait for it
 * @param writeTimeout for the client to take the next part of an answer
 * @param idleTimeout for a connection on which no request has begun
 * @param maxConnections open at once on the server's port
 * @param clientGoneAfter how long a request runs before its client is watched
 * @param refusalsPerSecond how many requests are refused for load in a second before those clients are made to pause
 */
public record ConnectionConfig(
        Duration headTimeout,
        Duration bodyTimeout,
        Duration writeTimeout,
        Duration idleTimeout,
        int maxConnections,
        Duration clientGoneAfter,
        int refusalsPerSecond) {

    static ConnectionConfig from(Values values) {
        return new ConnectionConfig(
                values.get(Keys.HEAD_TIMEOUT),
                values.get(Keys.BODY_TIMEOUT),
                values.get(Keys.WRITE_TIMEOUT),
                values.get(Keys.CLIENT_IDLE_TIMEOUT),
                values.get(Keys.CLIENT_CONNECTIONS),
                values.get(Keys.CLIENT_GONE_AFTER),
                values.get(Keys.REFUSALS_PER_SECOND));
    }

    /** The same for a listener that takes another number of connections. */
    public ConnectionConfig withMaxConnections(int number) {
        return new ConnectionConfig(
                headTimeout, bodyTimeout, writeTimeout, idleTimeout, number, clientGoneAfter, refusalsPerSecond);
    }
}
