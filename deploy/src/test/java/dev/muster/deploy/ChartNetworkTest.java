package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who can reach the pods, and what the pods can reach. */
class ChartNetworkTest {

    @Test
    void clientsReachThePortOfTheServiceAndNoOther() {
        Service service = Chart.all().service("muster");

        assertThat(service.getSpec().getType()).isEqualTo("LoadBalancer");
        assertThat(service.getSpec().getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName()).isEqualTo("http");
            assertThat(port.getPort()).isEqualTo(8000);
            assertThat(port.getTargetPort().getStrVal()).isEqualTo("http");
        });
    }

    @Test
    void theAdminPortIsReachedThroughAServiceThatIsNotForClients() {
        Service service = Chart.all().service("muster-admin");

        assertThat(service.getSpec().getType()).isNull();
        assertThat(service.getSpec().getClusterIP()).isEqualTo("None");
        assertThat(service.getSpec().getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName()).isEqualTo("admin");
            assertThat(port.getTargetPort().getStrVal()).isEqualTo("admin");
            // without a cluster IP, no proxy translates the port
            assertThat(port.getPort()).isEqualTo(Chart.all().port("admin"));
        });
    }

    @Test
    void bothServicesSelectThePodsOfTheDeploymentAndNotTheOneOfTheTest() {
        Manifests manifests = Chart.all();

        assertThat(manifests.deployment().getSpec().getSelector().getMatchLabels())
                .isEqualTo(manifests.service("muster").getSpec().getSelector())
                .isEqualTo(manifests.service("muster-admin").getSpec().getSelector());
        assertThat(selects(manifests.service("muster").getSpec().getSelector(), manifests.podLabels()))
                .isTrue();
        assertThat(selects(
                        manifests.service("muster").getSpec().getSelector(),
                        manifests.test().getMetadata().getLabels()))
                .isFalse();
    }

    @Test
    void prometheusSelectsTheAdminServiceAlone() {
        Manifests manifests = Chart.all();
        ServiceMonitor monitor = manifests.the(ServiceMonitor.class);
        Map<String, String> selector = monitor.spec().selector().getMatchLabels();

        assertThat(selects(
                        selector,
                        manifests.service("muster-admin").getMetadata().getLabels()))
                .isTrue();
        assertThat(selects(selector, manifests.service("muster").getMetadata().getLabels()))
                .isFalse();
        assertThat(monitor.spec().endpoints()).singleElement().satisfies(endpoint -> {
            assertThat(manifests.service("muster-admin").getSpec().getPorts())
                    .extracting(ServicePort::getName)
                    .contains(endpoint.port());
            assertThat(endpoint.interval()).isEqualTo("15s");
        });
        assertThat(monitor.metadata().getLabels()).containsEntry("release", "prometheus");
    }

    @Test
    void theHelmTestAsksTheAdminServiceWithTheImageItself() {
        Manifests manifests = Chart.all();
        var container = manifests.test().getSpec().getContainers().getFirst();
        var admin = Loaded.config("", Loaded.environment(container), Map.of("backends.base-uri", "http://any"))
                .admin();

        assertThat(manifests.test().getMetadata().getAnnotations()).containsEntry("hook", "test");
        assertThat(manifests.test().getSpec().getRestartPolicy()).isEqualTo("Never");
        assertThat(container.getImage()).isEqualTo(manifests.container().getImage());
        assertThat(container.getArgs()).containsExactly("probe");
        assertThat(manifests.service(admin.host()).getSpec().getPorts())
                .extracting(ServicePort::getPort)
                .containsExactly(admin.port());
    }

    @Test
    void theHelmTestsPortsDifferWhateverTheyAre() {
        Manifests manifests = Chart.with("{server: {port: 8081}, admin: {port: 8080}}");

        assertThat(Loaded.environment(manifests.test().getSpec().getContainers().getFirst()))
                .containsEntry("MUSTER_ADMIN_PORT", "8080")
                .containsEntry("MUSTER_SERVER_PORT", "8081");
    }

    @Test
    void thePolicyLetsInWhoIsNamed() {
        NetworkPolicy policy = Chart.all().the(NetworkPolicy.class);

        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getSpec().getPodSelector().getMatchLabels())
                .isEqualTo(Chart.all().deployment().getSpec().getSelector().getMatchLabels());
        assertThat(policy.getSpec().getIngress()).hasSize(2);
        assertThat(from(policy, "http"))
                .extracting(NetworkPolicyPeer::getNamespaceSelector)
                .singleElement()
                .satisfies(namespaces -> assertThat(namespaces.getMatchLabels())
                        .containsEntry("kubernetes.io/metadata.name", "ingress"));
        assertThat(from(policy, "admin").get(1).getNamespaceSelector().getMatchLabels())
                .containsEntry("kubernetes.io/metadata.name", "monitoring");
    }

    @Test
    void thePolicyLetsTheHelmTestIn() {
        NetworkPolicyPeer peer =
                from(Chart.all().the(NetworkPolicy.class), "admin").getFirst();

        assertThat(selects(
                        peer.getPodSelector().getMatchLabels(),
                        Chart.all().test().getMetadata().getLabels()))
                .isTrue();
        assertThat(selects(peer.getPodSelector().getMatchLabels(), Chart.all().podLabels()))
                .isFalse();
    }

    @Test
    void thePolicyLetsAllClientsInUnlessSomeAreNamed() {
        NetworkPolicy policy =
                Chart.allWith("networkPolicy: {httpFrom: [], adminFrom: []}").the(NetworkPolicy.class);

        assertThat(from(policy, "http")).isEmpty();
        assertThat(from(policy, "admin")).hasSize(1);
    }

    @Test
    void thePolicyLetsThePodsAskForNamesAndReachTheirBackends() {
        var egress = Chart.all().the(NetworkPolicy.class).getSpec().getEgress();

        assertThat(egress).hasSize(3);
        assertThat(egress.getFirst().getTo()).isEmpty();
        assertThat(egress.getFirst().getPorts())
                .extracting(port -> port.getProtocol() + " " + port.getPort().getIntVal())
                .containsExactly("UDP 53", "TCP 53");
        assertThat(egress.get(1).getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .containsExactly(8080);
        assertThat(egress.get(2).getTo().getFirst().getIpBlock().getCidr()).isEqualTo("192.0.2.0/24");
    }

    @Test
    void theNotesSayWhereItIs() {
        assertThat(Chart.notes("service: {port: 8000}"))
                .contains(
                        "  http://muster.web:8000/profiles/ID",
                        "port-forward service/muster 8080:8000",
                        "Health and metrics: http://muster-admin.web:8081/health/ready and /metrics.");
    }

    private static List<NetworkPolicyPeer> from(NetworkPolicy policy, String port) {
        return policy.getSpec().getIngress().stream()
                .filter(rule -> names(rule).equals(List.of(port)))
                .findAny()
                .map(NetworkPolicyIngressRule::getFrom)
                .orElseThrow();
    }

    private static List<String> names(NetworkPolicyIngressRule rule) {
        return rule.getPorts().stream()
                .map(NetworkPolicyPort::getPort)
                .map(port -> port.getStrVal())
                .toList();
    }

    private static boolean selects(Map<String, String> selector, Map<String, String> labels) {
        return labels.entrySet().containsAll(selector.entrySet());
    }
}
