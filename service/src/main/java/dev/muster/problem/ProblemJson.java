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

    /** The document's members, in the order in which a person wants to read them. */
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

    /** Of a request for {@code path} with this id. */
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
     * The path, if one was read and it is a URI reference, which {@code instance} has to be. One that begins with
     * {@code //} would be a reference to another host.
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
