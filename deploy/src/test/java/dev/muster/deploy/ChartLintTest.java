package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChartLintTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    @TempDir
    Path directory;

    @Test
    void nothingIsFoundWithTheDefaults() {
        assertClean(new Helm(Chart.SOURCE).lint().strict().call());
    }

    @ParameterizedTest
    @ValueSource(strings = {"least", "all"})
    void nothingIsFoundWithTheValuesInCi(String name) throws IOException {
        // the library lints with the chart's own values only
        Path chart = Chart.copyTo(directory);
        Path values = chart.resolve("values.yaml");
        JsonNode merged = YAML.readTree(values.toFile());
        YAML.readerForUpdating(merged)
                .readValue(chart.resolve("ci/" + name + "-values.yaml").toFile());
        YAML.writeValue(values.toFile(), merged);

        assertClean(new Helm(chart).lint().strict().call());
    }

    /** Only a catalogue needs an icon. */
    private static void assertClean(LintResult result) {
        assertThat(result.getMessages()).containsExactly("[INFO] Chart.yaml: icon is recommended");
        assertThat(result.isFailed()).isFalse();
    }
}
