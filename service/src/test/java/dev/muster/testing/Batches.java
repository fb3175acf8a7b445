package dev.muster.testing;

import static dev.muster.testing.Answers.assertPart;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Posts batches, and reads their answers in either format. */
public final class Batches {
    public static final String PATH = "/profiles:batch";
    /** Asks for one line per result. */
    public static final String LINES = "Accept: application/x-ndjson";

    public static final String STRICT = "Prefer: handling=strict";

    private Batches() {}

    /** The request body for {@code ids}. */
    public static String body(List<String> ids) {
        return ids.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(",", "{\"ids\":[", "]}"));
    }

    public static String body(String... ids) {
        return body(List.of(ids));
    }

    /** A request with {@code body}: JSON unless a header line says otherwise; with its length unless chunked. */
    public static String request(String body, String... headers) {
        StringBuilder request = new StringBuilder("POST " + PATH + " HTTP/1.1\r\nHost: test\r\n");
        if (Stream.of(headers).noneMatch(line -> named("content-type", line))) {
            request.append("Content-Type: application/json\r\n");
        }
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        if (Stream.of(headers).noneMatch(line -> named("transfer-encoding", line) || named("content-length", line))) {
            request.append("Content-Length: ").append(body.length()).append("\r\n");
        }
        return request.append("\r\n").append(body).toString();
    }

    private static boolean named(String name, String line) {
        return line.toLowerCase(Locale.ROOT).startsWith(name + ":");
    }

    /** Posts {@code body} on its own connection, and reads the whole answer. */
    public static RawConnection.Response post(Service service, String body, String... headers) {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.sendRaw(request(body, headers));
            return connection.read("POST");
        }
    }

    /** Asks for {@code ids} on its own connection, and reads the whole answer. */
    public static Answer ask(Service service, List<String> ids, String... headers) {
        return Answer.of(ids, post(service, body(ids), headers));
    }

    /** Asks on its own thread and connection. */
    public static CompletableFuture<RawConnection.Response> postAsync(Service service, String body, String... headers) {
        return CompletableFuture.supplyAsync(
                () -> post(service, body, headers), task -> Thread.ofVirtual().start(task));
    }

    /** Asks for {@code ids}; the answer is read in steps. */
    public static Streamed stream(Service service, List<String> ids, String... headers) {
        RawConnection connection = new RawConnection(service.port());
        connection.sendRaw(request(body(ids), headers));
        return new Streamed(connection, ids);
    }

    /** An answer that is read in steps. Used by one thread. */
    public static final class Streamed implements AutoCloseable {
        private final RawConnection connection;
        private final List<String> ids;
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private RawConnection.Response head;
        private InputStream body;

        private Streamed(RawConnection connection, List<String> ids) {
            this.connection = connection;
            this.ids = ids;
        }

        public RawConnection connection() {
            return connection;
        }

        /** Waits for the status and the headers. */
        public RawConnection.Response head() {
            if (head == null) {
                head = connection.readHead();
                body = connection.body(head);
            }
            return head;
        }

        /** The next line; null at the end of the answer. */
        public JsonNode line() {
            String line = until('\n');
            return line.isEmpty() ? null : JsonMapper.shared().readTree(line);
        }

        /** Reads until {@code text} has come. */
        public void await(String text) {
            String all = read.toString(StandardCharsets.UTF_8);
            while (!all.endsWith(text)) {
                String more = until(text.charAt(text.length() - 1));
                if (more.isEmpty()) {
                    throw new AssertionError("the answer ended without " + text + ": " + all);
                }
                all += more;
            }
        }

        /** Reads up to and including {@code last}, or to the end. */
        private String until(char last) {
            head();
            ByteArrayOutputStream part = new ByteArrayOutputStream();
            try {
                int b;
                do {
                    b = body.read();
                    if (b >= 0) {
                        part.write(b);
                        read.write(b);
                    }
                } while (b >= 0 && b != last);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return part.toString(StandardCharsets.UTF_8);
        }

        /** The part of the body read so far. */
        public String soFar() {
            return read.toString(StandardCharsets.UTF_8);
        }

        /** Reads the rest of an answer 200, and returns the whole. */
        public Answer rest() {
            return Answer.of(ids, response());
        }

        /** Reads the rest, and returns the whole. */
        public RawConnection.Response response() {
            head();
            try {
                read.write(body.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new RawConnection.Response(head.status(), head.headers(), soFar());
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    /**
     * The answer 200 to a batch.
     *
     * @param results in the order of the answer
     */
    public record Answer(RawConnection.Response response, List<JsonNode> results, JsonNode summary) {
        private static final List<String> COUNTS =
                List.of("requested", "distinct", "succeeded", "partial", "failed", "notAttempted", "elapsedMs");

        /** Parses the answer to a batch of {@code ids}, and asserts everything that is true of any such answer. */
        public static Answer of(List<String> ids, RawConnection.Response response) {
            assertThat(response.status()).as(response.body()).isEqualTo(200);
            List<JsonNode> results;
            JsonNode summary;
            if (response.header("Content-Type").equals("application/x-ndjson")) {
                assertThat(response.body()).endsWith("}\n");
                results = new ArrayList<>(response.body()
                        .lines()
                        .map(line -> JsonMapper.shared().readTree(line))
                        .toList());
                JsonNode last = results.removeLast();
                assertThat(last.propertyNames()).containsExactly("summary");
                summary = last.path("summary");
            } else {
                assertThat(response.header("Content-Type")).isEqualTo("application/json");
                assertThat(response.json().propertyNames()).containsExactly("results", "summary");
                results = response.json().path("results").valueStream().toList();
                assertThat(results).extracting(Answer::index).isSorted();
                summary = response.json().path("summary");
            }
            Answer answer = new Answer(response, List.copyOf(results), summary);
            answer.requireSound(ids);
            return answer;
        }

        private void requireSound(List<String> ids) {
            assertThat(response.header("Cache-Control")).isEqualTo("no-store");
            assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
            Set<Integer> places = new HashSet<>();
            int[] counts = new int[3];
            for (JsonNode result : results) {
                assertThat(places.add(index(result)))
                        .as("only one result for this place: " + result)
                        .isTrue();
                String id = ids.get(index(result));
                assertThat(result.path("id").stringValue()).isEqualTo(id);
                counts[requireSound(result, id)]++;
            }
            List<String> members = new ArrayList<>(COUNTS);
            if (summary.has("cause")) {
                members.add("cause");
                assertThat(counts[0])
                        .as("a summary with a cause has partial or failed results")
                        .isLessThan(ids.size());
            }
            assertThat(summary.propertyNames()).containsExactlyElementsOf(members);
            assertThat(count("requested")).isEqualTo(ids.size());
            assertThat(count("distinct")).isEqualTo(new HashSet<>(ids).size());
            assertThat(count("succeeded")).isEqualTo(counts[0]);
            assertThat(count("partial")).isEqualTo(counts[1]);
            assertThat(count("failed")).isEqualTo(counts[2]);
            assertThat(count("notAttempted")).isEqualTo(ids.size() - results.size());
            assertThat(summary.path("elapsedMs").doubleValue()).isPositive();
        }

        /** Checks one result, and returns whether it is complete (0), partial (1) or failed (2). */
        private static int requireSound(JsonNode result, String id) {
            int status = result.path("status").intValue();
            boolean complete = result.path("complete").booleanValue();
            if (status != 200) {
                assertThat(result.propertyNames()).containsExactly("index", "id", "status", "complete", "problem");
                assertThat(complete).isFalse();
                assertThat(result.at("/problem/status").intValue()).isEqualTo(status);
                assertThat(result.path("problem").propertyNames())
                        .startsWith("type", "title", "status", "detail", "retryable");
                return 2;
            }
            assertThat(result.propertyNames()).containsExactly("index", "id", "status", "complete", "profile");
            JsonNode profile = result.path("profile");
            // Each part is present, or has an error.
            String[] missing =
                    profile.path("errors").findValuesAsString("backend").toArray(String[]::new);
            assertThat(missing).doesNotContain("user");
            assertThat(missing.length == 0).isEqualTo(complete);
            assertThat(profile.propertyNames()).containsExactlyElementsOf(BackendNames.membersWithout(missing));
            BackendNames.without(missing).forEach(backend -> assertPart(profile, backend, id));
            return complete ? 0 : 1;
        }

        private static int index(JsonNode result) {
            return result.path("index").intValue();
        }

        public int count(String name) {
            return summary.path(name).intValue();
        }

        /** The cause that ended the batch, from the summary; null if there is none. */
        public String cause() {
            return summary.has("cause") ? summary.path("cause").stringValue() : null;
        }

        /** The places of the results in the request, in the order of the answer. */
        public List<Integer> places() {
            return results.stream().map(Answer::index).toList();
        }

        /** The result for this place in the request. */
        public JsonNode at(int place) {
            return results.stream()
                    .filter(result -> index(result) == place)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no result for place " + place));
        }

        /** The problem type for this place in the request: its last segment. */
        public String problem(int place) {
            return at(place).at("/problem/type").stringValue().replace("/problems/", "");
        }

        /** The summary's counts of results. */
        public List<Integer> tally() {
            return List.of(count("succeeded"), count("partial"), count("failed"), count("notAttempted"));
        }
    }
}
