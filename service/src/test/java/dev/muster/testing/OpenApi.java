package dev.muster.testing;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The service's OpenAPI document, against which tests check answers. */
public final class OpenApi {
    /** The headers of HTTP/1.1 itself, and Content-Type, which OpenAPI describes elsewhere. */
    private static final Set<String> FRAMING =
            Set.of("connection", "content-length", "content-type", "date", "transfer-encoding");

    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    private final JsonNode document;

    public OpenApi(JsonNode document) {
        this.document = document;
    }

    /** The document that {@code service} serves. */
    public static OpenApi of(Service service) {
        return new OpenApi(service.get("/openapi", "Accept: application/json").json());
    }

    public JsonNode document() {
        return document;
    }

    /** Follows the reference in {@code node}, if there is one; siblings of {@code $ref} do not count, as in OpenAPI. */
    public JsonNode resolved(JsonNode node) {
        JsonNode reference = node.path("$ref");
        if (reference.isMissingNode()) {
            return node;
        }
        JsonNode target = document.at(reference.stringValue().substring(1));
        if (target.isMissingNode()) {
            throw new AssertionError(reference + " leads nowhere");
        }
        return target;
    }

    /** The operation of this path and method. The path is the document's, with its braces. */
    public JsonNode operation(String path, String method) {
        return document.path("paths").path(path).path(method.toLowerCase(Locale.ROOT));
    }

    /** The differences between {@code response} and the document's answer for this path and method; empty if none. */
    public List<String> violations(String path, String method, RawConnection.Response response) {
        String status = Integer.toString(response.status());
        JsonNode operation = operation(path, method);
        if (!operation.path("responses").has(status)) {
            return List.of(status + " is not documented for " + method + " " + path);
        }
        JsonNode documented = resolved(operation.path("responses").path(status));
        List<String> violations = new ArrayList<>(headerViolations(documented, response.headers()));
        String mediaType = response.header("Content-Type").replaceFirst(";.*", "");
        JsonNode content = documented.path("content").path(mediaType);
        if (content.isMissingNode()) {
            violations.add(mediaType + " is not documented for " + status);
        } else if (!method.equals("HEAD")) {
            violations.addAll(violations(content.path("schema"), asJson(mediaType, response.body())));
            violations.addAll(lineViolations(content, response.body()));
        }
        return violations;
    }

    /** The differences between the lines of {@code body} and the document's schema for a line, if it has one. */
    public List<String> lineViolations(JsonNode content, String body) {
        return content.has("x-item-schema")
                ? body.lines()
                        .flatMap(line -> violations(content.path("x-item-schema"), line).stream())
                        .toList()
                : List.of();
    }

    private List<String> headerViolations(JsonNode documented, Map<String, List<String>> sent) {
        List<String> violations = new ArrayList<>();
        Map<String, JsonNode> known = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        documented
                .path("headers")
                .properties()
                .forEach(header -> known.put(header.getKey(), resolved(header.getValue())));
        known.forEach((name, header) -> {
            if (header.path("required").asBoolean(false) && !sent.containsKey(name.toLowerCase(Locale.ROOT))) {
                violations.add(name + " is missing");
            }
        });
        sent.forEach((name, values) -> {
            if (known.containsKey(name)) {
                violations.addAll(violations(known.get(name).path("schema"), json(String.join(", ", values))));
            } else if (!FRAMING.contains(name)) {
                violations.add("header " + name + " is not documented");
            }
        });
        return violations;
    }

    /** The violations by {@code json} of {@code schema}, a part of the document. */
    public List<String> violations(JsonNode schema, String json) {
        ObjectNode whole = ((ObjectNode) schema).deepCopy();
        whole.set("components", document.path("components"));
        return SCHEMAS.getSchema(whole.toString()).validate(json, InputFormat.JSON).stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
    }

    /** The problem types that a schema allows. */
    public Set<String> problemTypes(JsonNode schema) {
        JsonNode resolved = resolved(schema);
        Set<String> types = new TreeSet<>();
        resolved.path("oneOf").forEach(alternative -> types.addAll(problemTypes(alternative)));
        resolved.at("/properties/type/enum").forEach(type -> types.add(type.stringValue()));
        return types;
    }

    private static String asJson(String mediaType, String body) {
        if (mediaType.endsWith("/json") || mediaType.endsWith("+json")) {
            return body;
        }
        return mediaType.endsWith("yaml") ? YAMLMapper.shared().readTree(body).toString() : json(body);
    }

    /** A string as JSON. */
    private static String json(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }
}
