package dev.muster.testing;

import dev.muster.App;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.config.ConfigLoader;
import dev.muster.config.InvalidConfig;
import dev.muster.logging.LogWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.logging.SimpleFormatter;

/** The real service on ports that the system chooses, with a test's backends. */
public final class Service implements AutoCloseable {
    /** For services without a log of their own: tests capture log lines at the logger. */
    private static final LogWriter UNUSED_LOG =
            LogWriter.start(Channels.newChannel(OutputStream.nullOutputStream()), new SimpleFormatter(), 1 << 16);

    private final App app;

    private Service(App app) {
        this.app = app;
    }

    /** Starts the service with all backends at {@code baseUri} and long time limits; {@code settings} override both. */
    public static Service start(String baseUri, Map<String, String> settings) {
        return start(baseUri, settings, UNUSED_LOG);
    }

    /** Starts the service as above; its metrics show the state of {@code log}. */
    public static Service start(String baseUri, Map<String, String> settings, LogWriter log) {
        Map<String, String> all = new HashMap<>(Map.of("server.port", "0", "admin.port", "0"));
        // No test may fail on a slow machine: tests of time limits set shorter ones.
        for (String key : List.of("deadline.default", "deadline.max", "bulk.deadline.default", "bulk.deadline.max")) {
            all.put(key, "PT1M");
        }
        // Nor may a test wait for connections it left open: tests of the shutdown set what they need.
        all.put("shutdown.linger", "PT0S");
        all.put("backends.base-uri", baseUri);
        all.put("backends.timeout", "PT1M");
        all.putAll(settings);
        try {
            return new Service(App.start(ConfigLoader.load(null, Map.of(), all).config(), log, _ -> {}));
        } catch (InvalidConfig | IOException e) {
            throw new AssertionError(e);
        }
    }

    public static Service start(String baseUri) {
        return start(baseUri, Map.of());
    }

    public int port() {
        return app.port();
    }

    public int adminPort() {
        return app.adminPort();
    }

    /** One GET on its own connection; {@code headers} are whole lines. */
    public RawConnection.Response get(String path, String... headers) {
        return request("GET", path, headers);
    }

    /** One GET on its own connection and virtual thread. */
    public CompletableFuture<RawConnection.Response> getAsync(String path, String... headers) {
        return CompletableFuture.supplyAsync(
                () -> get(path, headers), task -> Thread.ofVirtual().start(task));
    }

    /** One request without a body, on its own connection. */
    public RawConnection.Response request(String method, String path, String... headers) {
        try (RawConnection connection = new RawConnection(port())) {
            connection.send(method, path, headers);
            return connection.read(method);
        }
    }

    /** One GET to the admin port. */
    public RawConnection.Response admin(String path, String... headers) {
        try (RawConnection connection = new RawConnection(adminPort())) {
            connection.send("GET", path, headers);
            return connection.read("GET");
        }
    }

    /** The number of connections to a backend that are {@code active} or {@code idle}. */
    public int connections(String backend, String state) {
        return gauge("http_client_open_connections", Map.of("backend", backend, "http_connection_state", state));
    }

    /** The number of calls that wait for a connection to a backend. */
    public int waiting(String backend) {
        return gauge("muster_backend_waiting_calls", Map.of("backend", backend));
    }

    private int gauge(String name, Map<String, String> labels) {
        List<Scrape.Sample> samples = Scrape.of(this).samples(name, labels);
        if (samples.size() != 1) {
            throw new AssertionError(name + labels + " is there " + samples.size() + " times");
        }
        return (int) samples.getFirst().value();
    }

    /** Ends the backend calls of all current requests, as {@code cause} does in production. */
    public void cancelRequests(Cause cause) {
        app.cancelRequests(cause);
    }

    /** Shuts the service down in its phases. {@link #close} then does nothing more. */
    public int shutDown() {
        return app.shutDown("a test");
    }

    @Override
    public void close() {
        app.close();
    }
}
