package dev.muster.config;

import java.util.List;
import java.util.Optional;

/**
 * A configuration that holds, and the listing of it.
 *
 * @param config the values
 * @param effective one {@code key: value} a line in the order of {@code application.yaml}, secrets masked, with the
 *     origin behind each value that is not the default
 * @param warning what did no harm but is to be told, in one line
 */
public record LoadedConfig(AppConfig config, List<String> effective, Optional<String> warning) {

    public LoadedConfig {
        effective = List.copyOf(effective);
    }
}
