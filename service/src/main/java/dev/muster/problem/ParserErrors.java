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
 * Which reason of the closed list Helidon's parser has, by how its messages begin, and by how far it came with the
 * request line. What it says goes no further: it may be an echo of what was sent.
 */
public final class ParserErrors {
    private static final Map<String, HttpViolation> OURS =
            Arrays.stream(HttpViolation.values()).collect(Collectors.toMap(HttpViolation::detail, Function.identity()));

    /** Of Helidon 4.5.0; the table of ConnectionTableTest holds that each still leads here. */
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

    /** The reason behind a message of Helidon's or the guard's. */
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

    /** The reason for which a request is refused before any code of ours has run. */
    public static HttpViolation of(TransportRequest request, EventType type, @Nullable String message) {
        HttpViolation said = saying(message);
        return said == HttpViolation.OTHER ? requestLine(request, type) : said;
    }

    /** Helidon keeps to itself what is wrong with a request line, but says how much of it could be read. */
    private static HttpViolation requestLine(TransportRequest request, EventType type) {
        if (request.path().isBlank()) {
            // The only failure that it does not foresee.
            return type == EventType.INTERNAL_ERROR ? HttpViolation.METHOD : HttpViolation.REQUEST_LINE;
        }
        return switch (request.protocolVersion()) {
            case "HTTP/1.1" -> HttpViolation.TARGET;
            case "" -> HttpViolation.OTHER;
            default -> HttpViolation.VERSION;
        };
    }
}
