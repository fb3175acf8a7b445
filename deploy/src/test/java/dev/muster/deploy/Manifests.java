package dev.muster.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;

/**
 * The chart's manifests, each parsed strictly.
 *
 * @param documents as rendered
 * @param objects the same in the same order, as Kubernetes objects
 */
record Manifests(List<JsonNode> documents, List<Object> objects) {

    static Manifests parse(String yaml) {
        List<JsonNode> documents = Strict.documents(yaml);
        return new Manifests(
                documents, documents.stream().<Object>map(Strict::parse).toList());
    }

    /** The only object of this type. */
    <T> T the(Class<T> type) {
        List<T> all = objects.stream().filter(type::isInstance).map(type::cast).toList();
        if (all.size() != 1) {
            throw new AssertionError("there are " + all.size() + " of " + type);
        }
        return all.getFirst();
    }

    boolean has(Class<?> type) {
        return objects.stream().anyMatch(type::isInstance);
    }

    List<String> kinds() {
        return documents.stream()
                .map(document -> document.path("kind").textValue())
                .toList();
    }

    List<ObjectMeta> metadata() {
        return objects.stream()
                .map(object -> object instanceof HasMetadata typed
                        ? typed.getMetadata()
                        : ((ServiceMonitor) object).metadata())
                .toList();
    }

    Service service(String name) {
        return objects.stream()
                .filter(Service.class::isInstance)
                .map(Service.class::cast)
                .filter(service -> service.getMetadata().getName().equals(name))
                .findAny()
                .orElseThrow();
    }

    Deployment deployment() {
        return the(Deployment.class);
    }

    PodSpec pod() {
        return deployment().getSpec().getTemplate().getSpec();
    }

    Container container() {
        return pod().getContainers().getFirst();
    }

    /** The number of the service's port with that name. */
    int port(String name) {
        return container().getPorts().stream()
                .filter(port -> port.getName().equals(name))
                .mapToInt(ContainerPort::getContainerPort)
                .findAny()
                .orElseThrow(() -> new AssertionError("the container has no port " + name));
    }

    /** The labels of the pods. */
    Map<String, String> podLabels() {
        return deployment().getSpec().getTemplate().getMetadata().getLabels();
    }

    /** The pod of the helm test. */
    Pod test() {
        return the(Pod.class);
    }

    /** The text of the service's configuration file. */
    String config() {
        return the(ConfigMap.class).getData().get("muster.yaml");
    }

    String checksum() {
        return deployment()
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations()
                .get("checksum/config");
    }
}
