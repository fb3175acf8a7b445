package dev.muster.config;

/**
 * The whole configuration, checked.
 *
 * <p>Immutable, as are all its parts. What each part may hold is said in {@code application.yaml}.
 *
 * @param handling of a request that states no preference
 */
public record AppConfig(
        ServerConfig server,
        AdminConfig admin,
        ConnectionConfig connection,
        BackendsConfig backends,
        DeadlineConfig deadline,
        Handling handling,
        BulkConfig bulk,
        ShutdownConfig shutdown,
        LogConfig log,
        DemoConfig demo) {

    static AppConfig from(Values values) {
        return new AppConfig(
                ServerConfig.from(values),
                AdminConfig.from(values),
                ConnectionConfig.from(values),
                BackendsConfig.from(values),
                DeadlineConfig.from(values),
                values.get(Keys.HANDLING),
                BulkConfig.from(values),
                ShutdownConfig.from(values),
                LogConfig.from(values),
                DemoConfig.from(values));
    }
}
