package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the checks that find typos in the chart. */
class StrictTest {
    /** Mappings with free keys. */
    private static final Set<String> FREE =
            Set.of("annotations", "labels", "matchLabels", "data", "nodeSelector", "limits", "requests");

    @Test
    void everyManifestIsQuiteWhatKubernetesTakesItFor() {
        assertThat(Chart.least().objects()).hasSize(7);
        assertThat(Chart.all().objects()).hasSize(10);
    }

    @Test
    void aTypoIsFoundInEveryMappingOfEveryManifest() {
        for (JsonNode document : Chart.all().documents()) {
            mappings(document, JsonPointer.empty())
                    .forEach(place -> assertThatThrownBy(() -> Strict.parse(withTypo(document, place)))
                            .as("a typo at %s in the %s", place, document.path("kind"))
                            .isInstanceOf(AssertionError.class)
                            .hasMessageContaining("\"typo\""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spec: {ports: [{port: \"80\"}]}", "metadata: {name: 1}", "metadata: {labels: {a: true}}"})
    void aValueOfAnotherTypeIsFound(String part) {
        JsonNode document =
                Strict.documents("apiVersion: v1\nkind: Service\n" + part).getFirst();

        assertThatThrownBy(() -> Strict.parse(document)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aDuplicateIsFound() {
        assertThatThrownBy(() -> Strict.documents("spec: {port: 1, port: 2}"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Duplicate field 'port'");
    }

    @Test
    void aKindThatNobodyKnowsIsFound() {
        JsonNode document = Strict.documents("apiVersion: v1\nkind: Deployment").getFirst();

        assertThatThrownBy(() -> Strict.parse(document)).hasMessage("no type is known for v1 Deployment");
    }

    @Test
    void mappingsAtEveryDepthAreTried() {
        JsonNode deployment = Chart.all().documents().stream()
                .filter(document -> document.path("kind").textValue().equals("Deployment"))
                .findAny()
                .orElseThrow();

        assertThat(mappings(deployment, JsonPointer.empty()).map(JsonPointer::toString))
                .contains(
                        "",
                        "/spec/strategy/rollingUpdate",
                        "/spec/template/spec/containers/0/readinessProbe/httpGet",
                        "/spec/template/spec/containers/0/securityContext/capabilities");
    }

    private static Stream<JsonPointer> mappings(JsonNode node, JsonPointer place) {
        if (node.isArray()) {
            return Stream.iterate(0, i -> i < node.size(), i -> i + 1)
                    .flatMap(i -> mappings(node.get(i), place.appendIndex(i)));
        }
        if (!node.isObject()) {
            return Stream.empty();
        }
        return Stream.concat(
                Stream.of(place),
                node.properties().stream()
                        .filter(member -> !FREE.contains(member.getKey())
                                && !isSelectorOfAService(member.getKey(), member.getValue()))
                        .flatMap(member -> mappings(member.getValue(), place.appendProperty(member.getKey()))));
    }

    private static boolean isSelectorOfAService(String name, JsonNode value) {
        return name.equals("selector") && !value.has("matchLabels");
    }

    private static JsonNode withTypo(JsonNode document, JsonPointer place) {
        JsonNode copy = document.deepCopy();
        ((ObjectNode) copy.at(place)).put("typo", "x");
        return copy;
    }
}
