package dev.muster.request;

import dev.muster.config.AppConfig.BackendConfig;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The request headers that are passed on to the backends, all backends taken together. Immutable. */
public final class ForwardedHeaders {
    /** By configured name: the same header may be there twice, in different case. */
    private final Map<String, HeaderName> names;

    private ForwardedHeaders(Map<String, HeaderName> names) {
        this.names = names;
    }

    /** Those of all backends together. */
    public static ForwardedHeaders of(Collection<BackendConfig> backends) {
        return new ForwardedHeaders(backends.stream()
                .map(BackendConfig::forwardHeaders)
                .flatMap(List::stream)
                .distinct()
                .collect(Collectors.toUnmodifiableMap(Function.identity(), HeaderNames::create)));
    }

    /** The values that a request has, by configured name. For the request's own thread. */
    Map<String, List<String>> of(RequestHead head) {
        if (names.isEmpty()) {
            return Map.of();
        }
        Map<String, List<String>> values = new HashMap<>();
        names.forEach((configured, name) -> {
            List<String> lines = head.headerValues(name);
            if (!lines.isEmpty()) {
                values.put(configured, List.copyOf(lines));
            }
        });
        return values;
    }
}
