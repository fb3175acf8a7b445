package dev.muster.config;

import dev.muster.config.source.Printable;
import dev.muster.config.source.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A valid configuration, and its listing.
 *
 * @param config the values
 * @param effective one {@code key: value} a line in the order of {@code application.yaml}: secrets masked, the source
 *     after each value that is not the default
 * @param warning one line about harmless oddities
 */
public record LoadedConfig(AppConfig config, List<String> effective, Optional<String> warning) {
    static LoadedConfig of(AppConfig config, Map<String, Setting> settings, Optional<String> warning) {
        List<String> lines = Keys.KNOWN.values().stream()
                .flatMap(key -> Stream.ofNullable(settings.get(key.name())).map(setting -> line(key, setting)))
                .toList();
        return new LoadedConfig(config, lines, warning);
    }

    private static String line(Key<?> key, Setting setting) {
        String line = key.name() + ": " + Printable.of(key.type().shown(setting.text()));
        return setting.isDefault() ? line : line + "  # " + Printable.of(setting.source());
    }
}
