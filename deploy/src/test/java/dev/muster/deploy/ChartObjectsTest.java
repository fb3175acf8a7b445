package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart's objects, and their names. */
class ChartObjectsTest {

    @Test
    void byDefaultThereIsWhatEveryClusterCanHave() {
        assertThat(Chart.least().kinds())
                .containsExactlyInAnyOrder(
                        "ConfigMap",
                        "Deployment",
                        "Pod",
                        "PodDisruptionBudget",
                        "Service",
                        "Service",
                        "ServiceAccount");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        autoscaling: {enabled: true}                | HorizontalPodAutoscaler
        networkPolicy: {enabled: true, egress: [{}]} | NetworkPolicy
        serviceMonitor: {enabled: true}             | ServiceMonitor
        """)
    void eachFlagAddsOneKind(String values, String kind) {
        List<String> kinds = Chart.with(values).kinds();

        assertThat(kinds).contains(kind).hasSize(Chart.least().kinds().size() + 1);
    }

    @Test
    void allHaveTheRecommendedLabels() {
        assertThat(Chart.all().metadata())
                .hasSize(10)
                .extracting(ObjectMeta::getLabels)
                .allSatisfy(labels -> assertThat(labels)
                        .containsEntry("app.kubernetes.io/name", "muster")
                        .containsEntry("app.kubernetes.io/instance", "muster")
                        .containsEntry("app.kubernetes.io/version", "1.0.1")
                        .containsEntry("app.kubernetes.io/part-of", "muster")
                        .containsEntry("app.kubernetes.io/managed-by", "Helm")
                        .containsEntry("helm.sh/chart", "muster-1.0.0")
                        .containsKey("app.kubernetes.io/component"));
    }

    @Test
    void podLabelsCannotTakeAPodFromItsSelectors() {
        assertThat(Chart.with("podLabels: {app.kubernetes.io/name: other}").podLabels())
                .containsEntry("app.kubernetes.io/name", "muster");
    }

    @ParameterizedTest
    @CsvSource({
        "muster, '', muster",
        "profiles, '', profiles-muster",
        "my-muster, '', my-muster",
        "profiles, nameOverride: aggregator, profiles-aggregator",
        "profiles, fullnameOverride: mine, mine"
    })
    void theNameIsTheReleasesAndTheCharts(String release, String values, String name) {
        assertThat(Chart.release(release, Chart.LEAST, values)
                        .deployment()
                        .getMetadata()
                        .getName())
                .isEqualTo(name);
    }

    @Test
    void theLongestNamesStillFit() {
        Manifests manifests = Chart.release("r" + "x".repeat(52), Chart.ALL, "nameOverride: n" + "y".repeat(50));

        assertThat(manifests.metadata())
                .extracting(ObjectMeta::getName)
                .allSatisfy(
                        name -> assertThat(name).hasSizeLessThanOrEqualTo(63).matches("[a-z][-a-z0-9]*[a-z0-9]"));
        assertThat(manifests.metadata())
                .flatExtracting(metadata -> metadata.getLabels().values())
                .allSatisfy(value -> assertThat(value.toString()).hasSizeLessThanOrEqualTo(63));
    }

    @Test
    void twoReleasesInOneNamespaceShareNothing() {
        Manifests one = Chart.release("one", Chart.ALL, "");
        Manifests two = Chart.release("two", Chart.ALL, "");

        assertThat(names(one)).doesNotContainAnyElementsOf(names(two));
        assertThat(one.service("one-muster").getSpec().getSelector())
                .isNotEqualTo(two.service("two-muster").getSpec().getSelector());
    }

    private static Set<String> names(Manifests manifests) {
        Set<String> names = new HashSet<>();
        manifests.metadata().forEach(metadata -> names.add(metadata.getName()));
        return names;
    }
}
