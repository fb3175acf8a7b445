package dev.muster.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client that sends exactly the given bytes and never resends. HTTP libraries normalise paths, retry, and hide the
 * bytes on the wire.
 */
public final class RawConnection implements AutoCloseable {
    private static final int READ_TIMEOUT_MILLIS = 45_000;

    private final Socket socket;
    private final InputStream in;

    public RawConnection(int port) {
        this(port, 0);
    }

    /** A connection with a small buffer for unread bytes; 0 leaves its size to the system. */
    public RawConnection(int port, int receiveBuffer) {
        try {
            socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(READ_TIMEOUT_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The local port. */
    public int localPort() {
        return socket.getLocalPort();
    }

    /** Sends a request without a body; {@code headers} are whole lines. */
    public void send(String method, String path, String... headers) {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: test\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        sendRaw(head.append("\r\n").toString());
    }

    /** Sends bytes as they are, one for each character up to U+00FF. */
    public void sendRaw(String bytes) {
        try {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the answer to a request with {@code method}; after HEAD without a body. */
    public Response read(String method) {
        Response head = readHead();
        if (method.equals("HEAD")) {
            return head;
        }
        try {
            byte[] body = body(head).readAllBytes();
            return new Response(head.status(), head.headers(), new String(body, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the head of an answer, but not its body. */
    public Response readHead() {
        try {
            String statusLine = line();
            Map<String, List<String>> headers = new TreeMap<>();
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
            return new Response(Integer.parseInt(statusLine.substring(9, 12)), headers, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The body after the head just read, byte by byte as it comes. It throws if the body is cut short. */
    public InputStream body(Response head) {
        return new Body(
                "chunked".equals(head.header("Transfer-Encoding")),
                Integer.parseInt(head.headers()
                        .getOrDefault("content-length", List.of("0"))
                        .getFirst()));
    }

    /** The body that a head announces, by length or in chunks. */
    private final class Body extends InputStream {
        private final boolean chunked;
        /** The rest of the whole body, or of the current chunk. */
        private int left;

        private boolean first = true;
        private boolean ended;

        Body(boolean chunked, int length) {
            this.chunked = chunked;
            this.left = chunked ? 0 : length;
        }

        @Override
        public int read() throws IOException {
            if (left == 0 && chunked && !ended) {
                nextChunk();
            }
            if (left == 0) {
                return -1;
            }
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the body is cut short: " + left + " bytes are missing");
            }
            left--;
            return b;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int b = length == 0 ? -1 : read();
            if (b < 0) {
                return length == 0 ? 0 : -1;
            }
            bytes[offset] = (byte) b;
            // Without waiting for more: the caller may need these bytes first.
            int more = in.read(bytes, offset + 1, Math.min(Math.min(length - 1, left), in.available()));
            left -= Math.max(0, more);
            return 1 + Math.max(0, more);
        }

        private void nextChunk() throws IOException {
            if (!first && !chunkLine().isEmpty()) {
                throw new AssertionError("a chunk is longer than it says");
            }
            first = false;
            left = Integer.parseInt(chunkLine(), 16);
            if (left == 0) {
                ended = true;
                if (!chunkLine().isEmpty()) {
                    throw new AssertionError("there are trailers");
                }
            }
        }

        private String chunkLine() throws IOException {
            if (!hasMore()) {
                throw new EOFException("the body ends without its last chunk");
            }
            return line();
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new AssertionError("the connection was closed in the middle of a head: " + line);
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Closes this side for sending, and goes on reading. */
    public void halfClose() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for more to read; false at the end, in order or by a reset. Fails if neither comes. */
    public boolean hasMore() {
        try {
            in.mark(1);
            boolean more = in.read() >= 0;
            in.reset();
            return more;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("neither an answer nor the end came", e);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the other side closes in order: without another byte and without a reset. */
    public boolean isClosedInOrder() {
        try {
            return in.read() < 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Closes with RST instead of FIN, like a killed process with unread bytes. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        close();
    }

    /** Waits for the other side to close; false if bytes come instead, or nothing. */
    public boolean isClosedByPeer() {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An answer as on the wire; header names in lower case. */
    public record Response(int status, Map<String, List<String>> headers, String body) {
        /** The only value of a header, or null. */
        public String header(String name) {
            List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
            if (values != null && values.size() != 1) {
                throw new AssertionError(name + " came " + values.size() + " times");
            }
            return values == null ? null : values.getFirst();
        }

        public JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }
    }
}
