package dev.muster.config;

/** The three backends a profile is made of. */
public record BackendsConfig(BackendConfig user, BackendConfig posts, BackendConfig friends) {

    static BackendsConfig from(Values values) {
        return new BackendsConfig(
                BackendConfig.from(values, "user"),
                BackendConfig.from(values, "posts"),
                BackendConfig.from(values, "friends"));
    }
}
