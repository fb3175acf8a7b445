import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy in front of the service that adds a defect to every twentieth answer, for loadtest/selftest to see whether the
 * load tests find it: {@code java Defects.java PORT TARGET DEFECT}. Listens on loopback until it is ended.
 */
final class Defects {
    private static final int EVERY = 20;
    private static final Duration LATE = Duration.ofSeconds(2);
    /** What the JDK's client sets itself, or what belongs to one connection only. */
    private static final List<String> OWN_HEADERS =
            List.of("host", "connection", "content-length", "transfer-encoding", "expect", "upgrade");

    /** What goes wrong. */
    private enum Defect {
        /** Nothing: a test that is red here is red because of the proxy. */
        NONE,
        /** Nobody listens once the service and its metrics have been found to be there. */
        GONE,
        /** 500 in place of an answer. */
        ERRORS,
        /** The profile of somebody else. */
        OTHER_USER,
        /** No posts, and no word of that. */
        UNDECLARED,
        /** An answer that comes two seconds later. */
        LATE,
        /** A line of a batch that is not there, in every batch. */
        LOST_LINE,
        /** Batches that are sent when all of them is there, each of them. */
        HELD_BACK,
        /** Metrics of a service in which requests are left, and whose answers come after their deadlines. */
        LEFT_BEHIND;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger scrapes = new AtomicInteger();
    private final URI target;
    private final Defect defect;
    private final HttpServer server;

    private Defects(int port, URI target, Defect defect) throws IOException {
        this.target = target;
        this.defect = defect;
        this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
    }

    public static void main(String[] arguments) throws IOException {
        Defect defect = Arrays.stream(Defect.values())
                .filter(one -> arguments.length == 3 && one.word().equals(arguments[2]))
                .findFirst()
                .orElse(null);
        if (defect == null) {
            System.err.println("Defects PORT TARGET DEFECT; DEFECT is one of "
                    + Arrays.stream(Defect.values()).map(Defect::word).toList());
            System.exit(64);
        }
        new Defects(Integer.parseInt(arguments[0]), URI.create(arguments[1]), defect).server.start();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/metrics")) {
                send(exchange, 200, metrics());
                if (defect == Defect.GONE) {
                    Thread.ofVirtual().start(() -> server.stop(0));
                }
            } else if (path.startsWith("/profiles/")) {
                profile(exchange, path);
            } else {
                forward(exchange, path);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String metrics() {
        int seen = scrapes.getAndIncrement() * 100;
        return "http_server_active_requests{url_scheme=\"http\"} 3\n"
                + "muster_deadline_overshoot_seconds_bucket{le=\"0.1\"} " + seen / 2 + "\n"
                + "muster_deadline_overshoot_seconds_count " + seen + "\n";
    }

    private void profile(HttpExchange exchange, String path) throws IOException, InterruptedException {
        boolean isDue = requests.incrementAndGet() % EVERY == 0;
        if (!isDue) {
            forward(exchange, path);
            return;
        }
        switch (defect) {
            case ERRORS -> send(exchange, 500, "");
            case OTHER_USER -> forward(exchange, "/profiles/somebody");
            case LATE -> {
                Thread.sleep(LATE);
                forward(exchange, path);
            }
            default -> forward(exchange, path);
        }
    }

    private void forward(HttpExchange exchange, String path) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(target.resolve(path))
                .method(
                        exchange.getRequestMethod(),
                        HttpRequest.BodyPublishers.ofByteArray(
                                exchange.getRequestBody().readAllBytes()));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
        answer.headers().map().forEach((name, values) -> {
            if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        send(exchange, answer.statusCode(), spoilt(new String(answer.body(), StandardCharsets.UTF_8), path));
    }

    private String spoilt(String body, String path) {
        boolean isBatch = path.equals("/profiles:batch");
        return switch (defect) {
            case UNDECLARED -> isBatch ? body : body.replaceFirst("\"posts\":\\[[^\\]]*\\],", "");
            case LOST_LINE -> isBatch ? body.replaceFirst("\\{\"index\".*\n", "") : body;
            default -> body;
        };
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
