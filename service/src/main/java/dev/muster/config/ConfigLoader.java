package dev.muster.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Loads the configuration: reads its layers, checks it as a whole, makes the records. */
public final class ConfigLoader {

    private ConfigLoader() {}

    /**
     * Loads from four layers: the environment, the file, the overrides and {@code application.yaml}, the first that
     * says something on a key being the one that counts.
     *
     * @param file the YAML file of {@code --config}, or null without one
     * @param environment the environment variables; those that do not start with {@code MUSTER_} are ignored,
     *     and so are those that Kubernetes makes of Services
     * @param overrides by key, what the caller has in place of the defaults
     * @throws InvalidConfig with everything that is wrong
     */
    public static LoadedConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> overrides)
            throws InvalidConfig {
        List<Violation> found = new ArrayList<>();

        // read the layers
        ServiceLinks links = ServiceLinks.in(environment);
        Map<String, Setting> fromEnvironment = Environment.read(links.others(), found);
        Optional<Map<String, Setting>> fromFile = file == null ? Optional.of(Map.of()) : ConfigFile.read(file, found);
        Layers layers = new Layers(List.of(
                fromEnvironment,
                KnownKeys.only(fromFile.orElse(Map.of()), found),
                KnownKeys.only(asSettings(overrides), found),
                KnownKeys.only(defaults(found), found)));

        // check the whole; without the file it is not known what is missing
        Values values = Values.read(layers, found);
        if (fromFile.isPresent()) {
            WholeChecks.check(layers, values, found);
        }
        if (!found.isEmpty()) {
            throw new InvalidConfig(found);
        }

        // make the records
        return new LoadedConfig(AppConfig.from(values), Effective.lines(layers), links.warning());
    }

    private static Map<String, Setting> asSettings(Map<String, String> overrides) {
        Map<String, Setting> settings = new HashMap<>();
        overrides.forEach((key, text) -> settings.put(key, Setting.text(text, "override")));
        return settings;
    }

    private static Map<String, Setting> defaults(List<Violation> found) {
        try (InputStream in = ConfigLoader.class.getResourceAsStream("/application.yaml")) {
            if (in == null) {
                throw new IllegalStateException("application.yaml is not on the class path");
            }
            String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return YamlSettings.read(yaml, line -> Setting.DEFAULT, found);
        } catch (Refused e) {
            throw new IllegalStateException("application.yaml " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
