package dev.muster.problem;

import dev.muster.connection.HttpViolation;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportRequest;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link HttpViolation} behind an error of Helidon's parser, by the beginning of its message and by how much
 * of the request line it could read. The message goes no further: it may repeat what was sent.
 */
public final class ParserErrors {
    private static final Map<String, HttpViolation> OURS =
            Arrays.stream(HttpViolation.values()).collect(Collectors.toMap(HttpViolation::detail, Function.identity()));

    /** Beginnings of messages of Helidon 4.5.0. ConnectionTableTest shows that each is still in use. */
    private static final Map<String, HttpViolation> BEGINNINGS = Map.ofEntries(
            Map.entry("Invalid prologue: Found ", HttpViolation.REQUEST_LINE_END),
            Map.entry("Query ", HttpViolation.TARGET),
            Map.entry("Found ", HttpViolation.HEADER_LINE_END),
            Map.entry("Invalid header, missing colon", HttpViolation.HEADER_COLON),
            Map.entry("Content length is not a number", HttpViolation.LENGTH),
            Map.entry("Content-Length header must have exactly one value", HttpViolation.LENGTH_REPEATED),
            Map.entry("Transfer-Encoding and Content-Length headers", HttpViolation.LENGTH_AND_CODING),
            Map.entry("Transfer-Encoding header must contain a value", HttpViolation.CODING_EMPTY),
            Map.entry("Final Transfer-Encoding", HttpViolation.CODING_LAST),
            Map.entry("Chunked Transfer-Encoding", HttpViolation.CODING_REPEATED),
            Map.entry("Unsupported request transfer encoding", HttpViolation.CODING_UNKNOWN),
            Map.entry("Chunk size is invalid", HttpViolation.CHUNK_SIZE),
            Map.entry("Invalid terminating chunk", HttpViolation.CHUNK_TRAILER));

    private ParserErrors() {}

    /** The violation behind a message of Helidon or the guard. */
    public static HttpViolation saying(@Nullable String message) {
        if (message == null) {
            return HttpViolation.OTHER;
        }
        HttpViolation ours = OURS.get(message);
        return ours != null
                ? ours
                : BEGINNINGS.entrySet().stream()
                        .filter(entry -> message.startsWith(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(HttpViolation.OTHER);
    }

    /** The violation of a request that was rejected before any code of ours ran. */
    public static HttpViolation of(TransportRequest request, EventType type, @Nullable String message) {
        HttpViolation said = saying(message);
        return said == HttpViolation.OTHER ? requestLine(request, type) : said;
    }

    /** Helidon does not say what is wrong with a request line, only how much of it could be read. */
    private static HttpViolation requestLine(TransportRequest request, EventType type) {
        if (request.path().isBlank()) {
            // The only failure that Helidon does not foresee.
            return type == EventType.INTERNAL_ERROR ? HttpViolation.METHOD : HttpViolation.REQUEST_LINE;
        }
        return switch (request.protocolVersion()) {
            case "HTTP/1.1" -> HttpViolation.TARGET;
            case "" -> HttpViolation.OTHER;
            default -> HttpViolation.VERSION;
        };
    }
}
