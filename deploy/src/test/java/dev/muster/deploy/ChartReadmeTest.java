package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of values in the chart's README. */
class ChartReadmeTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\|");

    private final JsonNode values =
            YAML.readTree(Chart.SOURCE.resolve("values.yaml").toFile());
    private final Map<String, String> rows = rows();

    ChartReadmeTest() throws IOException {}

    @Test
    void everyDefaultIsTheOneOfTheValues() throws IOException {
        assertThat(rows).isNotEmpty();
        for (var row : rows.entrySet()) {
            assertThat(values.at(pointer(row.getKey()))).as(row.getKey()).isEqualTo(YAML.readTree(row.getValue()));
        }
    }

    @Test
    void everyValueHasARow() {
        assertThat(leaves(values, ""))
                .allSatisfy(leaf -> assertThat(rows.keySet())
                        .anySatisfy(row -> assertThat(leaf + ".").startsWith(row + ".")));
    }

    /** The rows by key. A row {@code backends.<name>.baseUri} stands for one row per backend. */
    private Map<String, String> rows() throws IOException {
        Map<String, String> rows = new LinkedHashMap<>();
        ROW.matcher(Files.readString(Chart.SOURCE.resolve("README.md")))
                .results()
                .forEach(row -> names(row.group(1)).forEach(name -> rows.put(name, row.group(2))));
        return rows;
    }

    private Stream<String> names(String row) {
        int any = row.indexOf(".<name>");
        return any < 0
                ? Stream.of(row)
                : values.at(pointer(row.substring(0, any))).properties().stream()
                        .map(member -> row.replace("<name>", member.getKey()));
    }

    private static JsonPointer pointer(String path) {
        return JsonPointer.compile("/" + path.replace('.', '/'));
    }

    private static Stream<String> leaves(JsonNode node, String path) {
        return node.isObject() && !node.isEmpty()
                ? node.properties().stream()
                        .flatMap(member -> leaves(
                                member.getValue(), path.isEmpty() ? member.getKey() : path + "." + member.getKey()))
                : Stream.of(path);
    }
}
