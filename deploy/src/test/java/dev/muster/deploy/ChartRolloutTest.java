package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The number of pods, their placement and their replacement. */
class ChartRolloutTest {

    @Test
    void noPodIsStoppedBeforeAnotherOneIsReady() {
        var spec = Chart.least().deployment().getSpec();

        assertThat(spec.getStrategy().getType()).isEqualTo("RollingUpdate");
        assertThat(spec.getStrategy().getRollingUpdate().getMaxUnavailable()).isEqualTo(new IntOrString(0));
        assertThat(spec.getStrategy().getRollingUpdate().getMaxSurge()).isEqualTo(new IntOrString(1));
        assertThat(spec.getMinReadySeconds()).isPositive();
        assertThat(spec.getReplicas()).isEqualTo(2);
        assertThat(spec.getRevisionHistoryLimit()).isPositive();
    }

    @Test
    void theSurgeMayBeAPercentage() {
        var update = Chart.all().deployment().getSpec().getStrategy().getRollingUpdate();

        assertThat(update.getMaxSurge()).isEqualTo(new IntOrString("25%"));
        assertThat(update.getMaxUnavailable()).isEqualTo(new IntOrString(0));
    }

    @Test
    void anEvictionTakesOnePodAndOneThatIsNotReadyAtAnyTime() {
        var budget = Chart.least().the(PodDisruptionBudget.class).getSpec();

        assertThat(budget.getMaxUnavailable()).isEqualTo(new IntOrString(1));
        assertThat(budget.getUnhealthyPodEvictionPolicy()).isEqualTo("AlwaysAllow");
        assertThat(Chart.least().podLabels())
                .containsAllEntriesOf(budget.getSelector().getMatchLabels());
        assertThat(Chart.least().test().getMetadata().getLabels().entrySet())
                .doesNotContainSequence(
                        List.copyOf(budget.getSelector().getMatchLabels().entrySet()));
    }

    @Test
    void theBudgetCanBeLeftOut() {
        assertThat(Chart.with("podDisruptionBudget: {enabled: false}").has(PodDisruptionBudget.class))
                .isFalse();
    }

    @Test
    void thePodsOfARevisionAreSpreadOverHostsAndZones() {
        var constraints = Chart.least().pod().getTopologySpreadConstraints();

        assertThat(constraints)
                .extracting(TopologySpreadConstraint::getTopologyKey)
                .containsExactly("kubernetes.io/hostname", "topology.kubernetes.io/zone");
        assertThat(constraints).allSatisfy(constraint -> {
            assertThat(constraint.getMaxSkew()).isEqualTo(1);
            assertThat(constraint.getWhenUnsatisfiable()).isEqualTo("ScheduleAnyway");
            assertThat(constraint.getMatchLabelKeys()).containsExactly("pod-template-hash");
            assertThat(constraint.getLabelSelector().getMatchLabels())
                    .isEqualTo(
                            Chart.least().deployment().getSpec().getSelector().getMatchLabels());
        });
    }

    @Test
    void theSpreadCanBeLeftOut() {
        assertThat(Chart.with("topologySpread: {topologyKeys: []}").pod().getTopologySpreadConstraints())
                .isEmpty();
    }

    @Test
    void theAutoscalerHasTheReplicasToItself() {
        Manifests manifests = Chart.all();
        var scaler = manifests.the(HorizontalPodAutoscaler.class).getSpec();

        assertThat(manifests.deployment().getSpec().getReplicas()).isNull();
        assertThat(scaler.getScaleTargetRef().getApiVersion()).isEqualTo("apps/v1");
        assertThat(scaler.getScaleTargetRef().getKind()).isEqualTo("Deployment");
        assertThat(scaler.getScaleTargetRef().getName())
                .isEqualTo(manifests.deployment().getMetadata().getName());
        assertThat(scaler.getMinReplicas()).isEqualTo(3);
        assertThat(scaler.getMaxReplicas()).isEqualTo(10);
        assertThat(scaler.getMetrics()).singleElement().satisfies(metric -> {
            assertThat(metric.getType()).isEqualTo("Resource");
            assertThat(metric.getResource().getName()).isEqualTo("cpu");
            assertThat(metric.getResource().getTarget().getType()).isEqualTo("Utilization");
            assertThat(metric.getResource().getTarget().getAverageUtilization()).isEqualTo(70);
        });
        assertThat(scaler.getBehavior().getScaleDown().getStabilizationWindowSeconds())
                .isEqualTo(300);
    }

    @ParameterizedTest
    @CsvSource({
        "'', muster:1.0.0",
        "'image: {tag: 2.1.0}', muster:2.1.0",
        "'image: {repository: images.example/muster}', images.example/muster:1.0.0"
    })
    void theImageIsTheOneOfTheAppVersionUnlessATagIsGiven(String values, String image) {
        Manifests manifests = Chart.with(values);

        assertThat(manifests.container().getImage()).isEqualTo(image);
        assertThat(manifests.test().getSpec().getContainers().getFirst().getImage())
                .isEqualTo(image);
    }

    @Test
    void aDigestCountsInPlaceOfTheTag() {
        assertThat(Chart.all().container().getImage()).startsWith("images.example/muster@sha256:");
    }

    @Test
    void whatIsSaidAboutPodsArrivesThere() {
        Manifests manifests = Chart.all();
        var pod = manifests.pod();

        assertThat(pod.getImagePullSecrets()).singleElement().hasFieldOrPropertyWithValue("name", "images");
        assertThat(manifests.container().getImagePullPolicy()).isEqualTo("Always");
        assertThat(pod.getPriorityClassName()).isEqualTo("important");
        assertThat(pod.getNodeSelector()).containsEntry("kubernetes.io/arch", "amd64");
        assertThat(pod.getTolerations()).singleElement().hasFieldOrPropertyWithValue("key", "dedicated");
        assertThat(pod.getAffinity().getNodeAffinity()).isNotNull();
        assertThat(pod.getVolumes()).extracting("name").containsExactly("config", "trust");
        assertThat(manifests.container().getVolumeMounts())
                .extracting("mountPath")
                .containsExactly("/etc/muster", "/etc/trust");
        assertThat(manifests.container().getEnv())
                .extracting("name")
                .containsExactly("JDK_JAVA_OPTIONS", "MUSTER_BACKENDS_USER_TRUST_STORE_PASSWORD");
        assertThat(manifests.container().getEnvFrom()).hasSize(1);
        assertThat(manifests.podLabels()).containsEntry("example.org/tier", "edge");
        assertThat(manifests.deployment().getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry("example.org/owner", "profiles");
    }
}
