package dev.muster.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The service as a process with the compose file's environment, and its clients. */
final class Instance implements AutoCloseable {
    private static final Pattern SERVING =
            Pattern.compile("serving on http://127\\.0\\.0\\.1:(\\d+), admin on http://127\\.0\\.0\\.1:(\\d+)");

    final Child process;
    private final HttpClient client = HttpClient.newHttpClient();
    private int port;
    private int adminPort;

    private Instance(Child process) {
        this.process = process;
    }

    /** Waits until the service serves. */
    void awaitServing() {
        MatchResult ports = process.await(SERVING);
        port = Integer.parseInt(ports.group(1));
        adminPort = Integer.parseInt(ports.group(2));
    }

    /** Starts a service with {@code wiremock} in place of the compose file's, and with {@code more} variables. */
    static Instance start(Path log, String wiremock, Map<String, String> more) {
        Map<String, String> environment = new TreeMap<>(Compose.environment("muster"));
        environment.replaceAll((_, value) -> value.replace("http://wiremock:8080", wiremock));
        environment.putAll(Map.of(
                "MUSTER_SERVER_HOST", "127.0.0.1",
                "MUSTER_SERVER_PORT", "0",
                "MUSTER_ADMIN_HOST", "127.0.0.1",
                "MUSTER_ADMIN_PORT", "0"));
        environment.putAll(more);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new Instance(Child.start(
                log,
                environment,
                List.of(java, "@service/java.options", "-jar", "service/target/muster.jar", "serve")));
    }

    String adminAddress() {
        return "127.0.0.1:" + adminPort;
    }

    /** The status of a profile; 0 without an answer. The headers are names and values in turn. */
    int profile(String id, String... headers) {
        return send(request(port, "/profiles/" + id, headers).build());
    }

    /** The status of a batch. */
    int batch(List<String> ids, String... headers) {
        return send(request(port, "/profiles:batch", headers)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body(ids)))
                .build());
    }

    private static HttpRequest.Builder request(int port, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        return headers.length == 0 ? request : request.headers(headers);
    }

    private int send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static String body(List<String> ids) {
        return ids.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(",", "{\"ids\":[", "]}"));
    }

    /** Ids of different users, which begin with a word. */
    static List<String> ids(String word, int count) {
        return IntStream.range(0, count).mapToObj(n -> word + "-" + n).toList();
    }

    private String admin(String path) {
        try {
            HttpResponse<String> response = client.send(request(adminPort, path).build(), BodyHandlers.ofString());
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The current sum of a metric, over the lines that contain all of {@code parts}. */
    double metric(String name, String... parts) {
        return admin("/metrics")
                .lines()
                .filter(line -> line.startsWith(name) && Stream.of(parts).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** A connection for clients unlike HTTP libraries. A small buffer makes it read slowly. */
    Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    static void askForProfile(Socket socket, String id) throws IOException {
        write(socket, "GET /profiles/" + id + " HTTP/1.1\r\nHost: test\r\n\r\n");
    }

    static void askForLines(Socket socket, List<String> ids) throws IOException {
        String body = body(ids);
        write(
                socket,
                "POST /profiles:batch HTTP/1.1\r\nHost: test\r\nPrefer: wait=30\r\nAccept: application/x-ndjson\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.close();
    }
}
