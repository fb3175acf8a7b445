package dev.muster.deploy;

import io.fabric8.kubernetes.api.model.ContainerPort;

/** Looks things up in the container of the service. */
final class Containers {

    private Containers() {}

    /** The number of the container's port of that name. */
    static int port(Manifests manifests, String name) {
        return manifests.container().getPorts().stream()
                .filter(port -> port.getName().equals(name))
                .mapToInt(ContainerPort::getContainerPort)
                .findAny()
                .orElseThrow(() -> new AssertionError("the container has no port " + name));
    }
}
