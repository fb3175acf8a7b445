package dev.muster.config;

import java.util.List;

/** Lists the settings that count. */
final class Effective {

    private Effective() {}

    /** One line for each key that is set, in the order of {@code application.yaml}. */
    static List<String> lines(Layers layers) {
        return Keys.KNOWN.values().stream()
                .flatMap(key -> layers.setting(key).map(setting -> line(key, setting)).stream())
                .toList();
    }

    private static String line(Key<?> key, Setting setting) {
        String line = key.name() + ": " + Printable.of(key.kind().shown(setting.text()));
        return setting.isDefault() ? line : line + "  # " + Printable.of(setting.source());
    }
}
