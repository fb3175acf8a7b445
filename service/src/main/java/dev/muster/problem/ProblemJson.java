package dev.muster.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Writes problems as application/problem+json (RFC 9457). Thread-safe. */
public final class ProblemJson {
    private static final ObjectWriter WRITER = JsonMapper.shared().writerFor(Document.class);

    private ProblemJson() {}

    /** The members, in reading order. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Document(
            String type,
            String title,
            int status,
            String detail,
            @Nullable String instance,
            String requestId,
            @Nullable String backend,
            @Nullable String cause,
            @Nullable Integer index,
            @Nullable String id) {}

    /** The problem as JSON; {@code path} and {@code requestId} are those of the request. */
    public static byte[] write(Problem problem, String path, String requestId) {
        return WRITER.writeValueAsBytes(new Document(
                problem.type().uri(),
                problem.type().title(),
                problem.status(),
                problem.detail(),
                instance(path),
                requestId,
                problem.backend(),
                problem.cause() == null ? null : problem.cause().word(),
                problem.index(),
                problem.id()));
    }

    /**
     * The path, if it is a URI reference, as {@code instance} has to be; else null. A path that begins with {@code //}
     * would be a reference to another host.
     */
    private static @Nullable String instance(String path) {
        if (!path.startsWith("/") || path.startsWith("//")) {
            return null;
        }
        try {
            return new URI(path).toASCIIString();
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
