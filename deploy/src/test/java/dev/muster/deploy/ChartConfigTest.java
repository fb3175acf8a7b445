package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.muster.config.AppConfig;
import dev.muster.config.AppConfig.BackendConfig;
import dev.muster.config.AppConfig.LogFormat;
import dev.muster.config.BackendName;
import dev.muster.config.Handling;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart's configuration file, as the service reads it. */
class ChartConfigTest {

    @Test
    void theServiceListensForEveryoneOnThePortsOfTheContainer() {
        AppConfig config = Loaded.config(Chart.all());

        assertThat(config.server().host()).isEqualTo("0.0.0.0");
        assertThat(config.server().port()).isEqualTo(9080).isEqualTo(Chart.all().port("http"));
        assertThat(config.admin().host()).isEqualTo("0.0.0.0");
        assertThat(config.admin().port()).isEqualTo(9081).isEqualTo(Chart.all().port("admin"));
    }

    @Test
    void withoutTheImagesEnvironmentItListensForEveryoneToo() {
        AppConfig config = Loaded.config(Chart.least().config(), Map.of(), Map.of());

        assertThat(config.server().host()).isEqualTo("0.0.0.0");
        assertThat(config.admin().host()).isEqualTo("0.0.0.0");
    }

    @Test
    void theBackendsAreThoseOfTheValues() throws IOException {
        JsonNode values = new YAMLMapper().readTree(Chart.ALL.toFile());
        String forAll = values.at("/config/backends/base-uri").asText();

        assertThat(values.path("backends").size()).isBetween(1, BackendName.ALL.size() - 1);
        assertThat(Loaded.config(Chart.all()).backends())
                .allSatisfy((backend, config) -> assertThat(config.baseUri())
                        .hasToString(values.path("backends")
                                .path(backend.label())
                                .path("baseUri")
                                .asText(forAll)));
    }

    @Test
    void theValuesHaveABaseUriForEachBackend() throws IOException {
        JsonNode backends = new YAMLMapper()
                .readTree(Chart.SOURCE.resolve("values.yaml").toFile())
                .path("backends");

        assertThat(backends.fieldNames()).toIterable().containsExactlyElementsOf(labels());
        assertThat(backends)
                .allSatisfy(
                        backend -> assertThat(backend.fieldNames()).toIterable().containsExactly("baseUri"));
    }

    @Test
    void aBackendThatIsOneTooManyIsRefusedByTheService() {
        Manifests manifests = Chart.with("backends: {freinds: {baseUri: http://friends}}");

        assertThatThrownBy(() -> Loaded.config(manifests))
                .hasMessageContaining("backends.freinds.base-uri")
                .hasMessageContaining("unknown key, the nearest is backends.friends.base-uri");
    }

    private static List<String> labels() {
        return BackendName.ALL.stream().map(BackendName::label).toList();
    }

    @Test
    void anyOtherKeyIsTakenFromConfig() {
        AppConfig config = Loaded.config(Chart.all());

        assertThat(config.handling()).isEqualTo(Handling.LENIENT);
        assertThat(config.server().maxRequests()).isEqualTo(2000);
        BackendConfig user = config.backends().get(BackendName.USER);
        assertThat(user.timeout()).hasMillis(500);
        assertThat(user.maxBody()).isEqualTo(67_108_864);
        assertThat(user.forwardHeaders()).isEqualTo(List.of("Authorization", "Accept-Language"));
        assertThat(config.backends().get(BackendName.POSTS).required()).isTrue();
        assertThat(config.deadline().max()).hasSeconds(5);
    }

    @Test
    void theLogIsJsonUnlessConfigSaysOtherwise() {
        assertThat(Loaded.config(Chart.least()).log().format()).isEqualTo(LogFormat.JSON);
        assertThat(Loaded.config(Chart.all()).log().format()).isEqualTo(LogFormat.TEXT);
    }

    @Test
    void theServiceReadsTheFileThatIsMounted() {
        Manifests manifests = Chart.least();
        var volume = manifests.pod().getVolumes().getFirst();
        var mount = manifests.container().getVolumeMounts().getFirst();

        assertThat(volume.getConfigMap().getName())
                .isEqualTo(manifests.the(ConfigMap.class).getMetadata().getName());
        assertThat(mount.getName()).isEqualTo(volume.getName());
        assertThat(mount.getReadOnly()).isTrue();
        assertThat(manifests.container().getArgs())
                .containsExactly(
                        "serve",
                        "--config",
                        Path.of(mount.getMountPath(), "muster.yaml").toString());
        assertThat(manifests.container().getCommand()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config: {deadline: {max: PT9S}}",
                "backends: {user: {baseUri: http://other}}",
                "shutdown: {lameDuckSeconds: 11}",
                "server: {port: 9090}",
                "admin: {port: 9091}"
            })
    void whatChangesTheFileReplacesThePods(String values) {
        assertThat(Chart.with(values).config()).isNotEqualTo(Chart.least().config());
        assertThat(Chart.with(values).checksum())
                .hasSize(64)
                .isNotEqualTo(Chart.least().checksum());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replicaCount: 7",
                "image: {tag: other}",
                "service: {port: 8000}",
                "podLabels: {a: b}",
                "terminationGracePeriodSeconds: 60",
                "config: {}"
            })
    void whatDoesNotChangeTheFileLeavesTheChecksumAlone(String values) {
        assertThat(Chart.with(values).checksum()).isEqualTo(Chart.least().checksum());
    }

    @Test
    void aNewChartWithTheSameFileLeavesThePodsAlone() {
        assertThat(Chart.least().podLabels()).doesNotContainKey("helm.sh/chart");
    }
}
