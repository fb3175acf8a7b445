package dev.muster.http;

import dev.muster.problem.ProblemType;
import dev.muster.problem.RequestRejected;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Serves the OpenAPI document, and a page for each problem type. Thread-safe. */
public final class DocRoutes {
    private static final Header HTML = HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");
    private static final Header CACHED = HeaderValues.create(HeaderNames.CACHE_CONTROL, "public, max-age=3600");
    private static final Header VARY_ACCEPT = HeaderValues.create(HeaderNames.VARY, "Accept");
    /** RFC 9512 gives YAML its media type. */
    private static final String YAML = "application/yaml";

    private static final String JSON = "application/json";

    private final byte[] openApiYaml = resource("/openapi.yaml");
    private final byte[] openApiJson =
            JsonMapper.shared().writeValueAsBytes(YAMLMapper.shared().readTree(openApiYaml));

    public List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/openapi", List.of(YAML, JSON), List.of(VARY_ACCEPT, CACHED), this::openApi),
                Endpoint.get("/problems", List.of("text/html"), List.of(), DocRoutes::index),
                Endpoint.get("/problems/{type}", List.of("text/html"), List.of(), DocRoutes::explain));
    }

    private void openApi(ServerRequest request, ServerResponse response, String mediaType) {
        ResponseWriter.send(
                request,
                response,
                200,
                HeaderValues.create(HeaderNames.CONTENT_TYPE, mediaType),
                mediaType.equals(YAML) ? openApiYaml : openApiJson);
    }

    private static void index(ServerRequest request, ServerResponse response, String mediaType) {
        String items = Arrays.stream(ProblemType.values())
                .sorted(Comparator.comparingInt(ProblemType::status))
                .map(type -> "<li><a href=\"%s\">%s</a> (%d)".formatted(type.uri(), type.title(), type.status()))
                .collect(Collectors.joining("\n", "<ul>\n", "\n</ul>"));
        html(request, response, "Problem types", items);
    }

    private static void explain(ServerRequest request, ServerResponse response, String mediaType) {
        String path = Exchange.current().path();
        ProblemType type = Arrays.stream(ProblemType.values())
                .filter(known -> known.uri().equals(path))
                .findAny()
                .orElseThrow(RequestRejected.UnknownPath::new);
        String body = "<p>Status %d, <code>type</code> <code>%s</code>.\n<p>%s\n<p><a href=\"/problems\">All types</a>"
                .formatted(type.status(), type.uri(), type.explanation().replace("\"", "&quot;"));
        html(request, response, type.title(), body);
    }

    private static void html(ServerRequest request, ServerResponse response, String title, String body) {
        String page = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>%1$s</title>
            <style>body { font: 1.1em/1.5 system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em }</style>
            <h1>%1$s</h1>
            %2$s
            </html>
            """.formatted(title, body);
        response.header(CACHED);
        ResponseWriter.send(request, response, 200, HTML, page.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] resource(String name) {
        try (InputStream in = DocRoutes.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
