package dev.muster.admin;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/** Asks the admin port of a running service for its readiness: a health check for images without shell and curl. */
public final class Probe {
    /** An overloaded service answers late, but it answers. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Probe() {}

    /**
     * Asks once, and waits at most 5 s for the connection and 5 s for the answer.
     *
     * @param host the address of the admin port; for the wildcard address, loopback is asked
     * @return why the service is not ready; empty if it is
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
