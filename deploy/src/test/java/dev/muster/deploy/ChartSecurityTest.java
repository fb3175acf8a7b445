package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The profile "restricted" of Kubernetes' Pod Security Standards, control by control, and stricter settings. */
class ChartSecurityTest {
    private static final Set<String> VOLUMES = Set.of(
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");

    /** The pod specs of the manifests with pods: the Deployment and the helm test. */
    static List<JsonNode> pods() {
        List<JsonNode> pods = new ArrayList<>();
        for (Manifests manifests : List.of(Chart.least(), Chart.all())) {
            for (JsonNode document : manifests.documents()) {
                switch (document.path("kind").textValue()) {
                    case "Deployment" -> pods.add(document.at("/spec/template/spec"));
                    case "Pod" -> pods.add(document.path("spec"));
                    default -> {}
                }
            }
        }
        return pods;
    }

    private static List<JsonNode> containers(JsonNode pod) {
        List<JsonNode> containers = new ArrayList<>();
        for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
            pod.path(kind).forEach(containers::add);
        }
        return containers;
    }

    @Test
    void thereAreTwoKindsOfPods() {
        assertThat(pods())
                .hasSize(4)
                .allSatisfy(pod -> assertThat(containers(pod)).hasSize(1));
    }

    @ParameterizedTest
    @MethodSource("pods")
    void nothingOfTheHostIsShared(JsonNode pod) {
        assertThat(pod.fieldNames()).toIterable().doesNotContain("hostNetwork", "hostPID", "hostIPC", "hostUsers");
        for (JsonNode container : containers(pod)) {
            assertThat(container.path("ports").findValues("hostPort")).isEmpty();
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                assertThat(container.path(probe).path("httpGet").has("host")).isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pods")
    void onlyHarmlessVolumesAreMounted(JsonNode pod) {
        for (JsonNode volume : pod.path("volumes")) {
            List<String> types = new ArrayList<>();
            volume.fieldNames().forEachRemaining(types::add);
            types.remove("name");
            assertThat(types).hasSize(1).allSatisfy(type -> assertThat(VOLUMES).contains(type));
        }
    }

    @ParameterizedTest
    @MethodSource("pods")
    void itRunsAsSomeoneWhoIsNotRoot(JsonNode pod) {
        JsonNode context = pod.path("securityContext");

        assertThat(context.path("runAsNonRoot").booleanValue()).isTrue();
        assertThat(context.path("runAsUser").intValue()).isEqualTo(65532);
        assertThat(context.path("runAsGroup").intValue()).isEqualTo(65532);
        assertThat(context.at("/seccompProfile/type").textValue()).isEqualTo("RuntimeDefault");
        assertThat(context.has("sysctls")).isFalse();
        assertThat(containers(pod))
                .extracting(container -> container.path("securityContext"))
                .allSatisfy(own -> assertThat(own.fieldNames())
                        .toIterable()
                        .containsExactlyInAnyOrder(
                                "allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities"));
    }

    @ParameterizedTest
    @MethodSource("pods")
    void itCanGainNothingAndWriteNothing(JsonNode pod) {
        for (JsonNode container : containers(pod)) {
            JsonNode context = container.path("securityContext");
            assertThat(context.path("allowPrivilegeEscalation").isBoolean()).isTrue();
            assertThat(context.path("allowPrivilegeEscalation").booleanValue()).isFalse();
            assertThat(context.path("readOnlyRootFilesystem").booleanValue()).isTrue();
            assertThat(context.path("capabilities")).hasToString("{\"drop\":[\"ALL\"]}");
        }
    }

    @ParameterizedTest
    @MethodSource("pods")
    void itIsGivenNoTokenAndNoVariablesThatTheServiceWouldRefuse(JsonNode pod) {
        for (String name : List.of("automountServiceAccountToken", "enableServiceLinks")) {
            assertThat(pod.path(name).isBoolean()).as(name).isTrue();
            assertThat(pod.path(name).booleanValue()).as(name).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("pods")
    void itsMemoryIsBoundedAndItsCpuIsNot(JsonNode pod) {
        for (JsonNode container : containers(pod)) {
            JsonNode resources = container.path("resources");
            assertThat(resources.at("/requests/cpu").isTextual()).isTrue();
            assertThat(resources.at("/limits/memory").textValue())
                    .isNotNull()
                    .isEqualTo(resources.at("/requests/memory").textValue());
            assertThat(resources.path("limits").has("cpu")).isFalse();
        }
    }

    @Test
    void theServiceAccountGivesNobodyAToken() {
        var account = Chart.least().the(ServiceAccount.class);

        assertThat(account.getAutomountServiceAccountToken()).isFalse();
        assertThat(account.getMetadata().getName())
                .isEqualTo(Chart.least().pod().getServiceAccountName())
                .isEqualTo(Chart.least().test().getSpec().getServiceAccountName());
    }

    @Test
    void anAccountThatIsThereAlreadyCanBeUsed() {
        Manifests manifests = Chart.with("serviceAccount: {create: false, name: mine}");

        assertThat(manifests.kinds()).doesNotContain("ServiceAccount");
        assertThat(manifests.pod().getServiceAccountName()).isEqualTo("mine");
        assertThat(Chart.with("serviceAccount: {create: false}").pod().getServiceAccountName())
                .isEqualTo("default");
    }
}
