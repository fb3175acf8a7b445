package dev.muster.config;

import java.util.List;

/**
 * A configuration that holds, and the listing of it.
 *
 * @param config the values
 * @param effective one {@code key: value} a line in the order of {@code application.yaml}, secrets masked, with the
 *     origin behind each value that is not the default
 */
public record LoadedConfig(AppConfig config, List<String> effective) {

    public LoadedConfig {
        effective = List.copyOf(effective);
    }
}
