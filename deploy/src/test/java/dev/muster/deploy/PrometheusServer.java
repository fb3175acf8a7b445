package dev.muster.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prometheus as a process, with the compose file's configuration and rules. It scrapes every second. */
final class PrometheusServer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    final Child process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    private PrometheusServer(Child process, String address) {
        this.process = process;
        this.address = address;
    }

    static PrometheusServer start(Path directory, List<Instance> instances) {
        try {
            ObjectNode config = (ObjectNode) Compose.prometheus();
            ((ObjectNode) config.path("global")).put("scrape_interval", "1s").put("scrape_timeout", "1s");
            ((ObjectNode) config.path("global")).put("evaluation_interval", "1s");
            ArrayNode targets = (ArrayNode) config.at("/scrape_configs/0/static_configs/0/targets");
            targets.removeAll();
            instances.forEach(instance -> targets.add(instance.adminAddress()));
            // Every JSON document is YAML.
            Path file = Files.writeString(directory.resolve("prometheus.yml"), config.toString());
            Files.copy(Compose.RULES, directory.resolve(Compose.RULES.getFileName()));
            String address = "127.0.0.1:" + freePort();
            Child process = Child.start(
                    Child.logIn(directory, "prometheus"),
                    Map.of(),
                    List.of(
                            "prometheus",
                            "--config.file=" + file,
                            "--storage.tsdb.path=" + directory.resolve("data"),
                            "--web.listen-address=" + address));
            PrometheusServer server = new PrometheusServer(process, address);
            process.awaitUntil("Prometheus is ready", () -> server.get("/-/ready") != null);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The body of an answer 200; null for any other. */
    private String get(String path) {
        try {
            var response = client.send(
                    HttpRequest.newBuilder(URI.create("http://" + address + path))
                            .build(),
                    BodyHandlers.ofString());
            return response.statusCode() == 200 ? response.body() : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    JsonNode rules() {
        return JSON.readTree(get("/api/v1/rules")).at("/data/groups");
    }

    /** The current series of an expression. */
    List<JsonNode> now(String expression) {
        return result("/api/v1/query?query=" + encoded(expression));
    }

    /** The series of an expression at each second between two times, in seconds since the epoch. */
    List<JsonNode> between(String expression, long from, long to) {
        return result("/api/v1/query_range?step=1&start=" + from + "&end=" + to + "&query=" + encoded(expression));
    }

    private List<JsonNode> result(String path) {
        String answer = get(path);
        if (answer == null) {
            throw new AssertionError("Prometheus does not answer " + path);
        }
        return JSON.readTree(answer).at("/data/result").valueStream().toList();
    }

    private static String encoded(String expression) {
        return URLEncoder.encode(expression, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.close();
    }
}
