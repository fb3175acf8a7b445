package dev.muster.deploy;

import dev.muster.config.AppConfig;
import dev.muster.config.ConfigLoader;
import dev.muster.config.InvalidConfig;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The configuration that the service loads from the chart's objects. */
final class Loaded {
    private Loaded() {}

    /** The configuration of a pod of the Deployment. */
    static AppConfig config(Manifests manifests) {
        return config(manifests, Map.of());
    }

    /** The same, with some environment variables replaced. */
    static AppConfig config(Manifests manifests, Map<String, String> environment) {
        Map<String, String> all = environment(manifests.container());
        all.putAll(environment);
        return config(manifests.config(), all, Map.of());
    }

    static AppConfig config(String yaml, Map<String, String> environment, Map<String, String> overrides) {
        try {
            Path file = Files.createTempFile("muster", ".yaml");
            try {
                return ConfigLoader.load(Files.writeString(file, yaml), environment, overrides)
                        .config();
            } catch (InvalidConfig e) {
                throw new AssertionError(e.getMessage(), e);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A container's whole environment, with a text in place of each value from another object. */
    static Map<String, String> environment(Container container) {
        Map<String, String> all = new HashMap<>(Dockerfile.ofTheService().environment());
        container
                .getEnv()
                .forEach(variable -> all.put(
                        variable.getName(), variable.getValueFrom() == null ? variable.getValue() : "from elsewhere"));
        return all;
    }
}
