package dev.muster.config;

import dev.muster.config.source.Environment;
import dev.muster.config.source.ServiceLinks;
import dev.muster.config.source.Setting;
import dev.muster.config.source.Violation;
import dev.muster.config.source.YamlSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Loads the configuration: merges its sources, checks the whole, makes the records. */
public final class ConfigLoader {
    private ConfigLoader() {}

    /**
     * Loads from four sources. The environment overrides the file, the file overrides {@code overrides}, and those
     * override {@code application.yaml}.
     *
     * @param file the YAML file of {@code --config}, or null without one
     * @param environment the environment variables. Variables without {@code MUSTER_} and the variables of Kubernetes'
     *     Services are ignored.
     * @param overrides the caller's defaults by key
     * @throws InvalidConfig with every violation
     */
    public static LoadedConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> overrides)
            throws InvalidConfig {
        List<Violation> found = new ArrayList<>();
        Map<String, String> variables = Keys.byVariable();
        ServiceLinks links = ServiceLinks.in(environment, variables.keySet());
        Map<String, Setting> fromEnvironment = Environment.read(links.others(), variables, found);
        Optional<Map<String, Setting>> fromFile = file == null ? Optional.of(Map.of()) : YamlSource.file(file, found);

        Map<String, Setting> settings = KnownKeys.only(YamlSource.defaults("/application.yaml", found), found);
        settings.putAll(KnownKeys.only(asSettings(overrides), found));
        settings.putAll(KnownKeys.only(fromFile.orElse(Map.of()), found));
        settings.putAll(fromEnvironment);

        Values values = Values.read(settings, found);
        // Without the file nobody knows which keys are missing.
        if (fromFile.isPresent()) {
            WholeChecks.check(values, found);
        }
        if (!found.isEmpty()) {
            throw new InvalidConfig(found);
        }
        return LoadedConfig.of(AppConfig.from(values), settings, links.warning());
    }

    private static Map<String, Setting> asSettings(Map<String, String> overrides) {
        Map<String, Setting> settings = new HashMap<>();
        overrides.forEach((key, text) -> settings.put(key, Setting.text(text, "override")));
        return settings;
    }
}
