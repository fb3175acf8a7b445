package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.DialectId;
import dev.muster.config.BackendName;
import dev.muster.problem.ProblemType;
import dev.muster.profile.Part;
import dev.muster.testing.OpenApi;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The OpenAPI document is valid in itself, and lists the same backends and problem types as the service. */
class OpenApiDocumentTest {
    private static final Set<String> METHODS = Set.of("get", "head", "post");
    private static final Pattern TEMPLATE = Pattern.compile("\\{([a-z]+)}");

    private static final List<String> BACKENDS =
            BackendName.ALL.stream().map(BackendName::label).toList();

    private static JsonNode document;
    private static OpenApi openApi;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = OpenApiDocumentTest.class.getResourceAsStream("/openapi.yaml")) {
            document = YAMLMapper.shared().readTree(in);
        }
        openApi = new OpenApi(document);
    }

    /** Passes every object and array of the document to the visitor, with its JSON pointer. */
    private static void walk(String pointer, JsonNode node, BiConsumer<String, JsonNode> visitor) {
        visitor.accept(pointer, node);
        node.properties()
                .forEach(member -> walk(
                        pointer + "/" + member.getKey().replace("~", "~0").replace("/", "~1"),
                        member.getValue(),
                        visitor));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            walk(pointer + "/" + i, node.get(i), visitor);
        }
    }

    private static List<JsonNode> operations() {
        List<JsonNode> operations = new ArrayList<>();
        document.path("paths")
                .forEach(item -> METHODS.forEach(method -> {
                    if (item.has(method)) {
                        operations.add(item.path(method));
                    }
                }));
        return operations;
    }

    @Test
    void itSaysWhatItIs() {
        assertThat(document.path("openapi").stringValue()).isEqualTo("3.1.0");
        assertThat(document.at("/info/version").stringValue()).isEqualTo("1.0.0");
        assertThat(document.at("/info/license/identifier").stringValue()).isEqualTo("Apache-2.0");
        assertThat(document.at("/servers/0/url").stringValue()).isEqualTo("/");
        assertThat(document.propertyNames())
                .containsExactly("openapi", "info", "servers", "tags", "paths", "components");
    }

    @Test
    void itKnowsThePathsOfThePublicPortAndNoOthers() {
        assertThat(document.path("paths").propertyNames())
                .containsExactlyElementsOf(
                        List.of("/profiles/{id}", "/profiles:batch", "/openapi", "/problems", "/problems/{type}"));
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        walk("", document, (pointer, node) -> {
            if (node.has("$ref")) {
                assertThat(openApi.resolved(node).isObject()).as(pointer).isTrue();
            }
        });
    }

    @Test
    void everyComponentIsUsed() {
        Set<String> used = new HashSet<>();
        walk("", document, (_, node) -> used.add(node.path("$ref").stringValue("")));
        document.path("components")
                .properties()
                .forEach(kind -> kind.getValue()
                        .propertyNames()
                        .forEach(name -> assertThat(used).contains("#/components/" + kind.getKey() + "/" + name)));
    }

    @Test
    void everyOperationIsNamedOnceAndDescribed() {
        List<String> names = new ArrayList<>();
        for (JsonNode operation : operations()) {
            names.add(operation.path("operationId").stringValue());
            assertThat(operation.propertyNames()).contains("operationId", "tags", "summary", "responses");
        }
        assertThat(names).hasSize(6).doesNotHaveDuplicates();
    }

    @Test
    void everyPathDeclaresWhatItsTemplateNames() {
        document.path("paths").properties().forEach(path -> {
            Set<String> named = TEMPLATE.matcher(path.getKey())
                    .results()
                    .map(result -> result.group(1))
                    .collect(Collectors.toSet());
            Set<String> declared = new HashSet<>();
            path.getValue().path("parameters").forEach(reference -> {
                JsonNode parameter = openApi.resolved(reference);
                if (parameter.path("in").stringValue().equals("path")) {
                    assertThat(parameter.path("required").asBoolean()).isTrue();
                    declared.add(parameter.path("name").stringValue());
                }
            });
            assertThat(declared).isEqualTo(named);
        });
    }

    @Test
    void everyResponseIsDescribedAndHasOneSchemaPerMediaType() {
        for (JsonNode operation : operations()) {
            operation.path("responses").properties().forEach(entry -> {
                assertThat(entry.getKey()).matches("[2-5][0-9]{2}");
                JsonNode response = openApi.resolved(entry.getValue());
                assertThat(response.path("description").stringValue()).isNotBlank();
                assertThat(response.path("content").isEmpty()).isFalse();
                response.path("content")
                        .forEach(content -> assertThat(content.has("schema")).isTrue());
            });
        }
    }

    @Test
    void everySchemaIsOneByTheMetaSchemaOfItsDialect() {
        var metaSchema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(SchemaLocation.of(DialectId.DRAFT_2020_12));
        walk("", document, (pointer, node) -> {
            if (pointer.endsWith("/schema") || pointer.matches("/components/schemas/[^/]*")) {
                assertThat(metaSchema.validate(node.toString(), InputFormat.JSON))
                        .as(pointer)
                        .isEmpty();
            }
        });
    }

    @Test
    void everyObjectThatIsOursIsClosed() {
        document.at("/components/schemas").properties().forEach(schema -> {
            if (schema.getValue().path("type").stringValue("").equals("object")
                    && !schema.getKey().equals("OpenApi")) {
                assertThat(schema.getValue().path("additionalProperties").asBoolean(true))
                        .as(schema.getKey())
                        .isFalse();
            }
        });
    }

    @Test
    void everyExampleIsWhatItsSchemaSays() {
        Set<String> shown = new TreeSet<>();
        walk("", document, (pointer, node) -> {
            if (node.has("schema") && node.has("examples")) {
                node.path("examples").properties().forEach(example -> {
                    shown.add(example.getKey());
                    JsonNode value = openApi.resolved(example.getValue()).path("value");
                    assertThat(openApi.violations(node.path("schema"), value.toString()))
                            .as(pointer + " " + example.getKey())
                            .isEmpty();
                    assertThat(openApi.lineViolations(node, value.asString("")))
                            .as(pointer + " " + example.getKey())
                            .isEmpty();
                });
            }
            if (node.has("schema") && node.has("example")) {
                assertThat(openApi.violations(
                                node.path("schema"), node.path("example").toString()))
                        .as(pointer)
                        .isEmpty();
            }
        });
        assertThat(shown)
                .containsExactlyInAnyOrderElementsOf(
                        document.at("/components/examples").propertyNames());
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::stringValue).toList();
    }

    @Test
    void itListsTheBackendsOnce() {
        List<String> lists = new ArrayList<>();
        walk("", document, (pointer, node) -> {
            if (BACKENDS.stream().anyMatch(strings(node.path("enum"))::contains)) {
                lists.add(pointer);
            }
        });

        assertThat(lists).containsExactly("/components/schemas/BackendName");
        assertThat(strings(document.at("/components/schemas/BackendName/enum"))).isEqualTo(BACKENDS);
    }

    @Test
    void itListsThePartsOfAProfileOnce() {
        List<String> lists = new ArrayList<>();
        walk("", document, (pointer, node) -> {
            if (BACKENDS.stream().anyMatch(node.path("properties")::has)) {
                lists.add(pointer);
            }
        });
        List<String> members = new ArrayList<>(
                Part.ALL.stream().map(part -> part.backend().label()).toList());
        members.add("errors");

        assertThat(lists).containsExactly("/components/schemas/Profile");
        assertThat(document.at("/components/schemas/Profile/properties").propertyNames())
                .containsExactlyElementsOf(members);
    }

    @Test
    void itListsTheProblemTypesOfTheServiceAndNoOthers() {
        List<String> listed = new ArrayList<>();
        document.at("/components/schemas/ProblemType/enum").forEach(type -> listed.add(type.stringValue()));

        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ProblemType.values())
                        .map(ProblemType::uri)
                        .toList());
    }

    @Test
    void eachProblemTypeIsDocumentedWithItsStatusAndNoOther() {
        Map<String, Set<Integer>> expected = new TreeMap<>();
        for (ProblemType type : ProblemType.values()) {
            expected.put(type.uri(), Set.of(type.status()));
        }
        Map<String, Set<Integer>> documented = new TreeMap<>();
        for (JsonNode operation : operations()) {
            operation.path("responses").properties().forEach(response -> {
                JsonNode schema = openApi.resolved(response.getValue()).at("/content/application~1problem+json/schema");
                if (!schema.isMissingNode()) {
                    openApi.problemTypes(schema)
                            .forEach(type -> documented
                                    .computeIfAbsent(type, _ -> new TreeSet<>())
                                    .add(Integer.valueOf(response.getKey())));
                }
            });
        }
        assertThat(documented).isEqualTo(expected);
    }

    @Test
    void eachProblemTypesExampleHasItsTitle() {
        for (ProblemType type : ProblemType.values()) {
            JsonNode example = document.at("/components/examples/" + type.slug());

            assertThat(example.at("/value/type").stringValue()).isEqualTo(type.uri());
            assertThat(example.at("/value/title").stringValue()).isEqualTo(type.title());
            assertThat(example.path("summary").stringValue()).isEqualTo(type.title());
        }
    }
}
