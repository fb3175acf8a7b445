package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that posts a batch and reads only as much of the answer as asked; the rest stays in the sockets. */
final class BatchClient implements AutoCloseable {
    static final String LINES = "Accept: application/x-ndjson";
    /** The most bytes that the socket and its stream take in unasked. */
    static final int READ_AHEAD = 128 << 10;

    /** Linux doubles the size, for its own use. */
    private static final int RECEIVE_BUFFER = 32 << 10;

    private static final int READ_TIMEOUT_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream in;
    /** Bytes read of the body; those between position and limit are not asked for yet. */
    private final byte[] buffer = new byte[8192];

    private int position;
    private int limit;
    private @Nullable Head head;
    /** Bytes left of the chunk, or of a body of known length. */
    private int left;

    /** Whether a chunk was read before, whose data ends with CR LF. */
    private boolean begun;

    private boolean ended;

    /** The answer's head; header names in lower case. */
    record Head(int status, Map<String, String> headers) {
        private boolean chunked() {
            return "chunked".equals(headers.get("transfer-encoding"));
        }
    }

    BatchClient(int port) {
        try {
            socket = new Socket();
            socket.setReceiveBufferSize(RECEIVE_BUFFER);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(READ_TIMEOUT_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code count} ids of the same length, which begin with {@code prefix}. */
    static List<String> ids(String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "%s-%04d".formatted(prefix, i))
                .toList();
    }

    /** The number at the end of an id from {@link #ids}. */
    static int number(String id) {
        return Integer.parseInt(id.substring(id.lastIndexOf('-') + 1));
    }

    /** Posts a batch; {@code headers} are whole lines. */
    BatchClient post(List<String> ids, String... headers) {
        String body = ids.stream().collect(Collectors.joining("\",\"", "{\"ids\":[\"", "\"]}"));
        StringBuilder request = new StringBuilder("POST /profiles:batch HTTP/1.1\r\nHost: test\r\n");
        request.append("Content-Type: application/json\r\nContent-Length: ")
                .append(body.length())
                .append("\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        try {
            socket.getOutputStream()
                    .write(request.append("\r\n").append(body).toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Waits for the head of the answer. */
    Head head() {
        try {
            if (head == null) {
                String statusLine = headLine();
                Map<String, String> headers = new TreeMap<>();
                for (String line = headLine(); !line.isEmpty(); line = headLine()) {
                    int colon = line.indexOf(':');
                    headers.put(
                            line.substring(0, colon).toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip());
                }
                head = new Head(Integer.parseInt(statusLine.substring(9, 12)), headers);
                left = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            }
            return head;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String headLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection was closed in the middle of the answer");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    /**
     * The next line of the body; null at the end.
     *
     * @throws UncheckedIOException if the connection ends before the answer does
     */
    @Nullable
    String line() {
        head();
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream(512);
            while (fill()) {
                int end = position;
                while (end < limit && buffer[end] != '\n') {
                    end++;
                }
                take(line, end - position);
                if (end < limit) {
                    take(OutputStream.nullOutputStream(), 1);
                    return line.toString(StandardCharsets.UTF_8);
                }
            }
            return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fills the buffer if it is empty; false at the end of the body. */
    private boolean fill() throws IOException {
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return false;
        }
        if (position == limit) {
            position = 0;
            limit = Math.max(0, in.read(buffer, 0, Math.min(left, buffer.length)));
            if (limit == 0) {
                throw new EOFException("the connection was closed in the middle of the answer");
            }
        }
        return true;
    }

    private void take(OutputStream to, int bytes) throws IOException {
        to.write(buffer, position, bytes);
        position += bytes;
        left -= bytes;
    }

    private void nextChunk() throws IOException {
        if (head().chunked()) {
            if (begun) {
                headLine();
            }
            begun = true;
            left = Integer.parseInt(headLine(), 16);
            ended = left == 0;
            if (ended) {
                headLine();
            }
        } else {
            ended = true;
        }
    }

    /** Reads {@code bytes} of the body, or all if it has fewer. */
    void skip(int bytes) {
        head();
        try {
            int rest = bytes;
            while (rest > 0 && fill()) {
                int part = Math.min(rest, limit - position);
                take(OutputStream.nullOutputStream(), part);
                rest -= part;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the first byte of the answer. */
    void awaitAnswer() {
        try {
            in.mark(1);
            assertThat(in.read()).as("a byte of the answer").isNotNegative();
            in.reset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the rest of the answer, which must be lines up to the summary. */
    Result rest() {
        assertThat(head().status()).isEqualTo(200);
        List<JsonNode> lines = new ArrayList<>();
        for (String line = line(); line != null; line = line()) {
            lines.add(JsonMapper.shared().readTree(line));
        }
        assertThat(lines).isNotEmpty();
        JsonNode summary = lines.removeLast().path("summary");
        assertThat(summary.isObject()).as("the last line is the summary").isTrue();
        return new Result(lines, summary);
    }

    /** The whole body of an answer in one document. */
    JsonNode document() {
        return JsonMapper.shared().readTree(line());
    }

    /** The results of a batch, and its summary. */
    record Result(List<JsonNode> results, JsonNode summary) {
        static Result of(JsonNode document) {
            List<JsonNode> results = new ArrayList<>();
            document.path("results").forEach(results::add);
            return new Result(results, document.path("summary"));
        }

        /** Every place has at most one result, for its own id, and the summary counts the results correctly. */
        Result assertAddsUp(List<String> ids) {
            boolean[] seen = new boolean[ids.size()];
            int succeeded = 0;
            int partial = 0;
            for (JsonNode result : results) {
                int index = result.path("index").asInt();
                assertThat(seen[index]).as("a second result at " + index).isFalse();
                seen[index] = true;
                assertThat(result.path("id").asString()).isEqualTo(ids.get(index));
                boolean good = result.path("status").asInt() == 200;
                assertThat(
                                good
                                        ? result.at("/profile/user/id").asString()
                                        : result.at("/problem/status").asString())
                        .isEqualTo(good ? ids.get(index) : result.path("status").asString());
                boolean complete = result.path("complete").asBoolean();
                succeeded += complete ? 1 : 0;
                partial += good && !complete ? 1 : 0;
            }
            assertThat(summary.path("requested").asInt()).isEqualTo(ids.size());
            assertThat(summary.path("distinct").asLong())
                    .isEqualTo(ids.stream().distinct().count());
            assertThat(summary.path("succeeded").asInt()).isEqualTo(succeeded);
            assertThat(summary.path("partial").asInt()).isEqualTo(partial);
            assertThat(summary.path("failed").asInt()).isEqualTo(results.size() - succeeded - partial);
            assertThat(summary.path("notAttempted").asInt()).isEqualTo(ids.size() - results.size());
            return this;
        }

        /** Why results, or parts of them, are missing. */
        List<JsonNode> problems() {
            return results.stream()
                    .flatMap(result -> result.has("problem")
                            ? Stream.of(result.path("problem"))
                            : result.at("/profile/errors").valueStream())
                    .toList();
        }

        /** Every id has a complete profile. */
        void assertComplete(List<String> ids) {
            assertAddsUp(ids);
            assertThat(problems()).as(summary.toString()).isEmpty();
            assertThat(summary.path("succeeded").asInt()).isEqualTo(ids.size());
            assertThat(summary.has("cause")).isFalse();
        }
    }

    /** Sends FIN, and keeps reading. */
    void halfClose() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes with RST instead of FIN. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
