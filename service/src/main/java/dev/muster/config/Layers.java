package dev.muster.config;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The layers of settings, the highest first, merged by helidon-config. */
final class Layers {

    private final List<Map<String, Setting>> layers;
    private final Config merged;

    Layers(List<Map<String, Setting>> layers) {
        this.layers = List.copyOf(layers);
        this.merged = merge(layers);
    }

    private static Config merge(List<Map<String, Setting>> layers) {
        // all that reads or loads by itself is off: what is not in a layer is not configuration
        Config.Builder builder = Config.builder()
                .disableEnvironmentVariablesSource()
                .disableSystemPropertiesSource()
                .disableParserServices()
                .disableMapperServices()
                .disableFilterServices()
                .disableKeyResolving()
                .disableValueResolving()
                .changesExecutor(Runnable::run);
        for (Map<String, Setting> layer : layers) {
            Map<String, String> texts = new HashMap<>();
            layer.forEach((key, setting) -> texts.put(key, setting.text()));
            builder.addSource(ConfigSources.create(texts).build());
        }
        return builder.build();
    }

    /** What counts for a key, or empty where no layer says anything. */
    Optional<Setting> setting(Key<?> key) {
        return merged.get(key.name()).asString().asOptional().map(text -> Setting.text(text, source(key)));
    }

    /** Config does not tell which of its sources a value is from. */
    private String source(Key<?> key) {
        return layers.stream()
                .filter(layer -> layer.containsKey(key.name()))
                .map(layer -> layer.get(key.name()).source())
                .findFirst()
                .orElseThrow();
    }
}
