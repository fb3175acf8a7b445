package dev.muster.http;

import dev.muster.connection.Refusal;
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
final class ParserErrors {
    private static final Map<String, Refusal> OURS =
            Arrays.stream(Refusal.values()).collect(Collectors.toMap(Refusal::detail, Function.identity()));

    /** Of Helidon 4.5.0; the table of ConnectionTableTest holds that each still leads here. */
    private static final Map<String, Refusal> BEGINNINGS = Map.ofEntries(
            Map.entry("Invalid prologue: Found ", Refusal.REQUEST_LINE_END),
            Map.entry("Query ", Refusal.TARGET),
            Map.entry("Found ", Refusal.HEADER_LINE_END),
            Map.entry("Invalid header, missing colon", Refusal.HEADER_COLON),
            Map.entry("Content length is not a number", Refusal.LENGTH),
            Map.entry("Content-Length header must have exactly one value", Refusal.LENGTH_REPEATED),
            Map.entry("Transfer-Encoding and Content-Length headers", Refusal.LENGTH_AND_CODING),
            Map.entry("Transfer-Encoding header must contain a value", Refusal.CODING_EMPTY),
            Map.entry("Final Transfer-Encoding", Refusal.CODING_LAST),
            Map.entry("Chunked Transfer-Encoding", Refusal.CODING_REPEATED),
            Map.entry("Unsupported request transfer encoding", Refusal.CODING_UNKNOWN),
            Map.entry("Chunk size is invalid", Refusal.CHUNK_SIZE),
            Map.entry("Invalid terminating chunk", Refusal.CHUNK_TRAILER));

    private ParserErrors() {}

    /** The reason behind a message of Helidon's or the guard's. */
    static Refusal saying(@Nullable String message) {
        if (message == null) {
            return Refusal.OTHER;
        }
        Refusal ours = OURS.get(message);
        return ours != null
                ? ours
                : BEGINNINGS.entrySet().stream()
                        .filter(entry -> message.startsWith(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(Refusal.OTHER);
    }

    /** The reason for which a request is refused before any code of ours has run. */
    static Refusal of(TransportRequest request, EventType type, @Nullable String message) {
        Refusal said = saying(message);
        return said == Refusal.OTHER ? requestLine(request, type) : said;
    }

    /** Helidon keeps to itself what is wrong with a request line, but says how much of it could be read. */
    private static Refusal requestLine(TransportRequest request, EventType type) {
        if (request.path().isBlank()) {
            // The only failure that it does not foresee.
            return type == EventType.INTERNAL_ERROR ? Refusal.METHOD : Refusal.REQUEST_LINE;
        }
        return switch (request.protocolVersion()) {
            case "HTTP/1.1" -> Refusal.TARGET;
            case "" -> Refusal.OTHER;
            default -> Refusal.VERSION;
        };
    }
}
