package dev.muster.admin;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/** Asks the admin port of a running service whether it is ready: a health check where there is neither shell nor curl. */
public final class Probe {
    /** A service that is overloaded answers late, but does. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Probe() {}

    /**
     * Asks once, and waits at most 5 s for the connection and 5 s for the answer.
     *
     * @param host where the service's admin server listens; for the wildcard address the loopback one is asked
     * @return why it is not ready; empty where it is
     */
    public static Optional<String> whyNotReady(String host, int port) {
        try {
            InetAddress address = InetAddress.getByName(host);
            String reached = address.isAnyLocalAddress()
                    ? InetAddress.getLoopbackAddress().getHostAddress()
                    : host;
            URI uri = new URI("http", null, reached, port, "/health/ready", null, null);
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(Math.toIntExact(PATIENCE.toMillis()));
            connection.setReadTimeout(Math.toIntExact(PATIENCE.toMillis()));
            int status = connection.getResponseCode();
            return status == HttpURLConnection.HTTP_OK
                    ? Optional.empty()
                    : Optional.of(uri + " answered with status " + status);
        } catch (IOException | URISyntaxException e) {
            return Optional.of("cannot ask " + host + ":" + port + ": " + e.getMessage());
        }
    }
}
