package dev.muster.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The parts of deploy/compose that tests read. */
final class Compose {
    static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    static final Path DIRECTORY = REPOSITORY.resolve("deploy/compose");
    static final Path RULES = DIRECTORY.resolve("prometheus/rules.yml");

    /** The URI of the demo backends for WireMock. */
    static final String PEOPLE = "http://people:9100";

    private static final JsonMapper JSON = new JsonMapper();
    private static final YAMLMapper YAML = new YAMLMapper();

    private Compose() {}

    /** A Prometheus query, and its place in the files. */
    record Query(String where, String expression) {
        @Override
        public String toString() {
            return where + ": " + expression;
        }
    }

    static JsonNode file() {
        return yaml(DIRECTORY.resolve("compose.yaml"));
    }

    static JsonNode service(String name) {
        return file().path("services").path(name);
    }

    static Map<String, String> environment(String service) {
        Map<String, String> environment = new TreeMap<>();
        service(service)
                .path("environment")
                .propertyStream()
                .forEach(variable ->
                        environment.put(variable.getKey(), variable.getValue().asString()));
        return environment;
    }

    /** WireMock's mappings, each as JSON. */
    static List<String> mappings() {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("wiremock/mappings"))) {
            return files.map(Compose::text).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode prometheus() {
        return yaml(DIRECTORY.resolve("prometheus/prometheus.yml"));
    }

    static JsonNode dashboard() {
        return JSON.readTree(text(DIRECTORY.resolve("grafana/dashboards/muster.json")));
    }

    /** All queries of the dashboard, in panels or elsewhere. */
    static List<Query> dashboardQueries() {
        List<Query> queries = new ArrayList<>();
        collect(dashboard(), "dashboard", queries);
        return queries;
    }

    private static void collect(JsonNode node, String where, List<Query> queries) {
        String here = node.path("title").asString(node.path("name").asString(where));
        if (node.has("expr")) {
            queries.add(new Query(here, node.path("expr").asString()));
        }
        node.valueStream().forEach(child -> collect(child, here, queries));
    }

    static Stream<JsonNode> rules() {
        return yaml(RULES)
                .path("groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream());
    }

    static List<JsonNode> alerts() {
        return rules().filter(rule -> rule.has("alert")).toList();
    }

    static List<Query> alertQueries() {
        return alerts().stream()
                .map(alert -> new Query(
                        alert.path("alert").asString(), alert.path("expr").asString()))
                .toList();
    }

    static JsonNode yaml(Path file) {
        return YAML.readTree(text(file));
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
