package dev.muster.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every key there is.
 *
 * <p>A new one takes a line here, its place in a record, and its default in {@code application.yaml}.
 */
final class Keys {

    // must stand first: declare() below fills it while the constants are made
    private static final List<Key<?>> DECLARED = new ArrayList<>();

    static final Key<URI> BASE_URI = declare("backends.*.base-uri", new BaseUri());
    static final Key<Duration> TIMEOUT = declare("backends.*.timeout", aboveZeroTo(Duration.ofSeconds(60)));
    static final Key<Integer> MAX_CONNECTIONS = declare("backends.*.max-connections", wholeNumber(1, 10_000));
    static final Key<Integer> MAX_WAITING = declare("backends.*.max-waiting", wholeNumber(0, 100_000));
    static final Key<Duration> IDLE_TIMEOUT = declare("backends.*.idle-timeout", aboveZeroTo(Duration.ofHours(1)));
    static final Key<Integer> MAX_BODY = declare("backends.*.max-body", wholeNumber(1, 64 << 20));
    static final Key<Boolean> REQUIRED = declare("backends.*.required", new Kinds.YesOrNo());
    static final Key<List<String>> FORWARD_HEADERS = declare("backends.*.forward-headers", new HeaderNames());
    static final Key<Optional<Path>> TRUST_STORE = declare("backends.*.trust-store", new TrustStoreFile());
    static final Key<Secret> TRUST_STORE_PASSWORD = declare("backends.*.trust-store-password", new Kinds.SecretText());
    static final Key<Duration> DNS_REFRESH = declare("backends.*.dns-refresh", aboveZeroTo(Duration.ofHours(24)));
    static final Key<Integer> BULK_RATE_LIMIT = declare("backends.*.bulk-rate-limit", wholeNumber(0, 1_000_000));

    static final Key<String> SERVER_HOST = declare("server.host", new Kinds.HostName());
    static final Key<Integer> SERVER_PORT = declare("server.port", wholeNumber(0, 65_535));
    static final Key<Integer> MAX_REQUESTS =
            declare("server.max-requests", new Sized(1, 1_000_000, Machine::requestsThatFitTheHeap));

    static final Key<String> ADMIN_HOST = declare("admin.host", new Kinds.HostName());
    static final Key<Integer> ADMIN_PORT = declare("admin.port", wholeNumber(0, 65_535));
    static final Key<Integer> KEPT_REQUESTS = declare("admin.kept-requests", wholeNumber(0, 10_000));

    static final Key<Duration> HEAD_TIMEOUT = declare("connection.head-timeout", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> BODY_TIMEOUT = declare("connection.body-timeout", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> WRITE_TIMEOUT = declare("connection.write-timeout", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> CLIENT_IDLE_TIMEOUT =
            declare("connection.idle-timeout", aboveZeroTo(Duration.ofHours(1)));
    static final Key<Integer> CLIENT_CONNECTIONS =
            declare("connection.max-connections", new Sized(1, 1_000_000, Machine::connectionsThatFit));
    static final Key<Duration> CLIENT_GONE_AFTER =
            declare("connection.client-gone-after", fromZeroTo(Duration.ofMinutes(5)));
    static final Key<Integer> REFUSALS_PER_SECOND =
            declare("connection.refusals-per-second", new Sized(1, 1_000_000, Machine::refusalsPerSecond));

    static final Key<Duration> DEADLINE_DEFAULT = declare("deadline.default", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> DEADLINE_MAX = declare("deadline.max", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> DEADLINE_RESERVE = declare("deadline.reserve", fromZeroTo(Duration.ofSeconds(10)));

    static final Key<Handling> HANDLING = declare("handling", new Kinds.OneOf<>(Handling.class));

    static final Key<Handling> BULK_HANDLING = declare("bulk.handling", new Kinds.OneOf<>(Handling.class));
    static final Key<Integer> BULK_WORKERS = declare("bulk.workers", wholeNumber(1, 10_000));
    static final Key<Integer> BULK_MAX_IDS = declare("bulk.max-ids", wholeNumber(1, 10_000));
    static final Key<Integer> BULK_MAX_QUEUED = declare("bulk.max-queued", wholeNumber(1, 10_000_000));
    static final Key<Integer> BULK_MAX_BUFFERED_BYTES = declare(
            "bulk.max-buffered-bytes", new Sized(64 << 10, Integer.MAX_VALUE, Machine::bytesThatBatchesMayBuffer));
    static final Key<Integer> BULK_BACKEND_SHARE = declare("bulk.backend-share", wholeNumber(1, 100));
    static final Key<Duration> BULK_DEADLINE_DEFAULT =
            declare("bulk.deadline.default", aboveZeroTo(Duration.ofMinutes(5)));
    static final Key<Duration> BULK_DEADLINE_MAX = declare("bulk.deadline.max", aboveZeroTo(Duration.ofMinutes(5)));

    static final Key<Duration> LAME_DUCK = declare("shutdown.lame-duck", fromZeroTo(Duration.ofMinutes(10)));
    static final Key<Duration> LINGER = declare("shutdown.linger", fromZeroTo(Duration.ofHours(1)));
    static final Key<Duration> DRAIN = declare("shutdown.drain", fromZeroTo(Duration.ofHours(1)));
    static final Key<Duration> CANCEL = declare("shutdown.cancel", fromZeroTo(Duration.ofMinutes(1)));

    static final Key<LogFormat> LOG_FORMAT = declare("log.format", new Kinds.OneOf<>(LogFormat.class));
    static final Key<Integer> LOG_MAX_QUEUED_BYTES =
            declare("log.max-queued-bytes", new Sized(64 << 10, 1 << 30, Machine::bytesOfLogThatMayWait));
    static final Key<Duration> LOG_STUCK_AFTER = declare("log.stuck-after", fromZeroTo(Duration.ofHours(1)));

    static final Key<Integer> DEMO_PORT = declare("demo.port", wholeNumber(0, 65_535));

    /** All keys by name, those of the backends spelled out, in the order of {@code application.yaml}. */
    static final Map<String, Key<?>> KNOWN = known();

    private Keys() {}

    private static Map<String, Key<?>> known() {
        Map<String, Key<?>> known = new LinkedHashMap<>();
        for (String backend : List.of("user", "posts", "friends")) {
            DECLARED.stream()
                    .filter(Key::isPerBackend)
                    .map(key -> key.of(backend))
                    .forEach(key -> known.put(key.name(), key));
        }
        DECLARED.stream().filter(key -> !key.isPerBackend()).forEach(key -> known.put(key.name(), key));
        return known;
    }

    private static <T> Key<T> declare(String name, Kind<T> kind) {
        Key<T> key = new Key<>(name, kind);
        DECLARED.add(key);
        return key;
    }

    private static Kind<Integer> wholeNumber(int from, int to) {
        return new Kinds.WholeNumber(from, to);
    }

    private static Kind<Duration> aboveZeroTo(Duration atMost) {
        return Kinds.TimeSpan.aboveZeroTo(atMost);
    }

    private static Kind<Duration> fromZeroTo(Duration atMost) {
        return Kinds.TimeSpan.fromZeroTo(atMost);
    }
}
