package dev.muster.config;

import dev.muster.config.AppConfig.LogFormat;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All keys of the configuration.
 *
 * <p>A new key takes a line here, a member in {@link AppConfig}, and a default in {@code application.yaml}.
 */
final class Keys {

    // Must stand first: declare() fills it during the initialization of the constants.
    private static final List<Key<?>> DECLARED = new ArrayList<>();

    static final Key<URI> BASE_URI = declare("backends.base-uri", new ValueTypes.BaseUri());
    static final Key<Duration> TIMEOUT = declare("backends.timeout", aboveZeroTo(Duration.ofSeconds(60)));
    static final Key<Integer> MAX_CONNECTIONS = declare("backends.max-connections", wholeNumber(1, 10_000));
    static final Key<Integer> MAX_WAITING = declare("backends.max-waiting", wholeNumber(0, 100_000));
    static final Key<Duration> IDLE_TIMEOUT = declare("backends.idle-timeout", aboveZeroTo(Duration.ofHours(1)));
    static final Key<Integer> MAX_BODY = declare("backends.max-body", wholeNumber(1, 64 << 20));
    static final Key<Boolean> REQUIRED = declare("backends.required", new ValueTypes.YesOrNo());
    static final Key<List<String>> FORWARD_HEADERS =
            declare("backends.forward-headers", new ValueTypes.ForwardedHeaderNames());
    static final Key<Optional<Path>> TRUST_STORE = declare("backends.trust-store", new ValueTypes.TrustStoreFile());
    static final Key<Secret> TRUST_STORE_PASSWORD =
            declare("backends.trust-store-password", new ValueTypes.SecretText());
    static final Key<Duration> DNS_REFRESH = declare("backends.dns-refresh", aboveZeroTo(Duration.ofHours(24)));
    static final Key<Integer> BULK_RATE_LIMIT = declare("backends.bulk-rate-limit", wholeNumber(0, 1_000_000));

    static final Key<String> SERVER_HOST = declare("server.host", new ValueTypes.HostName());
    static final Key<Integer> SERVER_PORT = declare("server.port", wholeNumber(0, 65_535));
    static final Key<Integer> MAX_REQUESTS =
            declare("server.max-requests", new ValueTypes.Sized(1, 1_000_000, AutoValues::requestsThatFitTheHeap));

    static final Key<String> ADMIN_HOST = declare("admin.host", new ValueTypes.HostName());
    static final Key<Integer> ADMIN_PORT = declare("admin.port", wholeNumber(0, 65_535));
    static final Key<Integer> KEPT_REQUESTS = declare("admin.kept-requests", wholeNumber(0, 10_000));

    static final Key<Duration> HEAD_TIMEOUT = declare("connection.head-timeout", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> BODY_TIMEOUT = declare("connection.body-timeout", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> WRITE_TIMEOUT = declare("connection.write-timeout", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> CLIENT_IDLE_TIMEOUT =
            declare("connection.idle-timeout", aboveZeroTo(Duration.ofHours(1)));
    static final Key<Integer> CLIENT_CONNECTIONS =
            declare("connection.max-connections", new ValueTypes.Sized(1, 1_000_000, AutoValues::connectionsThatFit));
    static final Key<Duration> CLIENT_GONE_AFTER =
            declare("connection.client-gone-after", fromZeroTo(Duration.ofMinutes(5)));
    static final Key<Integer> REFUSALS_PER_SECOND = declare(
            "connection.refusals-per-second", new ValueTypes.Sized(1, 1_000_000, AutoValues::refusalsPerSecond));

    static final Key<Duration> DEADLINE_DEFAULT = declare("deadline.default", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> DEADLINE_MAX = declare("deadline.max", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> DEADLINE_RESERVE = declare("deadline.reserve", fromZeroTo(Duration.ofSeconds(10)));

    static final Key<Handling> HANDLING = declare("handling", new ValueTypes.OneOf<>(Handling.class));

    static final Key<Handling> BULK_HANDLING = declare("bulk.handling", new ValueTypes.OneOf<>(Handling.class));
    static final Key<Integer> BULK_WORKERS = declare("bulk.workers", wholeNumber(1, 10_000));
    static final Key<Integer> BULK_MAX_IDS = declare("bulk.max-ids", wholeNumber(1, 10_000));
    static final Key<Integer> BULK_MAX_QUEUED = declare("bulk.max-queued", wholeNumber(1, 10_000_000));
    static final Key<Integer> BULK_MAX_BUFFERED_BYTES = declare(
            "bulk.max-buffered-bytes",
            new ValueTypes.Sized(64 << 10, Integer.MAX_VALUE, AutoValues::bytesThatBatchesMayBuffer));
    static final Key<Integer> BULK_BACKEND_SHARE = declare("bulk.backend-share", wholeNumber(1, 100));
    static final Key<Duration> BULK_DEADLINE_DEFAULT =
            declare("bulk.deadline.default", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> BULK_DEADLINE_MAX = declare("bulk.deadline.max", aboveZeroTo(Duration.ofMinutes(5)));

    static final Key<Duration> LAME_DUCK = declare("shutdown.lame-duck", fromZeroTo(Duration.ofMinutes(10)));
    static final Key<Duration> LINGER = declare("shutdown.linger", fromZeroTo(Duration.ofHours(1)));
    static final Key<Duration> DRAIN = declare("shutdown.drain", fromZeroTo(Duration.ofHours(1)));
    static final Key<Duration> CANCEL = declare("shutdown.cancel", fromZeroTo(Duration.ofMinutes(1)));

    static final Key<LogFormat> LOG_FORMAT = declare("log.format", new ValueTypes.OneOf<>(LogFormat.class));
    static final Key<Integer> LOG_MAX_QUEUED_BYTES =
            declare("log.max-queued-bytes", new ValueTypes.Sized(64 << 10, 1 << 30, AutoValues::bytesOfLogThatMayWait));
    static final Key<Duration> LOG_STUCK_AFTER = declare("log.stuck-after", fromZeroTo(Duration.ofHours(1)));

    static final Key<String> DEMO_HOST = declare("demo.host", new ValueTypes.HostName());
    static final Key<Integer> DEMO_PORT = declare("demo.port", wholeNumber(0, 65_535));

    /** All keys by name, in the order of {@code application.yaml}: for all backends, for each, the others. */
    static final Map<String, Key<?>> KNOWN = known();

    private Keys() {}

    private static Map<String, Key<?>> known() {
        Map<String, Key<?>> known = new LinkedHashMap<>();
        List<Key<?>> forAll = DECLARED.stream().filter(Key::isForAllBackends).toList();
        forAll.forEach(key -> known.put(key.name(), key));
        for (BackendName backend : BackendName.ALL) {
            forAll.stream().map(key -> key.of(backend)).forEach(key -> known.put(key.name(), key));
        }
        DECLARED.forEach(key -> known.putIfAbsent(key.name(), key));
        return known;
    }

    /** The names of all keys by their environment variables. */
    static Map<String, String> byVariable() {
        return KNOWN.values().stream().collect(Collectors.toMap(Key::environmentName, Key::name));
    }

    private static <T> Key<T> declare(String name, ValueType<T> type) {
        Key<T> key = Key.of(name, type);
        DECLARED.add(key);
        return key;
    }

    private static ValueType<Integer> wholeNumber(int from, int to) {
        return new ValueTypes.WholeNumber(from, to);
    }

    private static ValueType<Duration> aboveZeroTo(Duration atMost) {
        return ValueTypes.TimeSpan.aboveZeroTo(atMost);
    }

    private static ValueType<Duration> fromZeroTo(Duration atMost) {
        return ValueTypes.TimeSpan.fromZeroTo(atMost);
    }
}
