package dev.muster.request;

import dev.muster.concurrent.Deadline;
import dev.muster.config.AppConfig.DeadlineConfig;
import dev.muster.config.Handling;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/**
 * The terms of a request: how long it may take, and whether its answer may be partial.
 *
 * @param deadline when {@code limit} has passed since the head was read
 * @param limit the shortest time that the client states, at most the maximum; the default where it states none
 * @param handling the client's, else the default
 * @param applied the client's preferences that are in force
 * @param ignored the names of headers whose time cannot be read, one for each time
 */
public record RequestTerms(
        Deadline deadline, Duration limit, Handling handling, List<String> applied, List<String> ignored) {
    private static final HeaderName PREFER = HeaderNames.create("Prefer");
    private static final HeaderName PREFERENCE_APPLIED = HeaderNames.create("Preference-Applied");
    /** The milliseconds that the client waits, as stated by Envoy and by services that follow its convention. */
    private static final HeaderName ENVOY_TIMEOUT = HeaderNames.create("x-envoy-expected-rq-timeout-ms");

    /** The longest number that is read, in characters; no client needs so many. */
    private static final int LONGEST_NUMBER = 64;

    /** Above any maximum in any unit, with room for one more digit. */
    private static final long LARGE = Long.MAX_VALUE / 10 - 1;

    public static RequestTerms of(RequestHead head, DeadlineConfig config, Handling defaultHandling) {
        List<String> ignored = new ArrayList<>(0);
        Prefer prefer = Prefer.of(head.headerValues(PREFER));
        Optional<Duration> wait =
                prefer.waitSeconds().flatMap(text -> read(text, Duration::ofSeconds, PREFER, ignored));
        List<Duration> stated = new ArrayList<>(2);
        wait.ifPresent(stated::add);
        for (String text : head.headerValues(ENVOY_TIMEOUT)) {
            read(text, Duration::ofMillis, ENVOY_TIMEOUT, ignored).ifPresent(stated::add);
        }
        Duration limit = limit(stated, config);

        List<String> applied = new ArrayList<>(2);
        prefer.handling()
                .ifPresent(value -> applied.add("handling=" + value.name().toLowerCase(Locale.ROOT)));
        wait.filter(limit::equals).ifPresent(value -> applied.add("wait=" + value.toSeconds()));
        return new RequestTerms(
                Deadline.after(limit.minus(head.elapsed())),
                limit,
                prefer.handling().orElse(defaultHandling),
                applied,
                ignored);
    }

    private static Duration limit(List<Duration> stated, DeadlineConfig config) {
        if (stated.isEmpty()) {
            return config.byDefault();
        }
        Duration least = Collections.min(stated);
        if (least.isNegative()) {
            return Duration.ZERO;
        }
        return least.compareTo(config.max()) < 0 ? least : config.max();
    }

    private static Optional<Duration> read(
            String text, LongFunction<Duration> unit, HeaderName header, List<String> ignored) {
        OptionalLong number = wholeNumber(text.strip());
        if (number.isEmpty()) {
            ignored.add(header.lowerCase());
            return Optional.empty();
        }
        return Optional.of(unit.apply(number.getAsLong()));
    }

    /** Digits, perhaps behind a minus. The exact value matters neither above any maximum nor below zero. */
    private static OptionalLong wholeNumber(String text) {
        int sign = text.startsWith("-") ? 1 : 0;
        if (text.length() == sign || text.length() > LONGEST_NUMBER) {
            return OptionalLong.empty();
        }
        long value = 0;
        for (int i = sign; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return OptionalLong.empty();
            }
            value = value > LARGE ? value : value * 10 + digit;
        }
        return OptionalLong.of(sign == 0 ? value : -value);
    }

    /** Names the applied preferences in the response, a problem too (RFC 7240 section 3). */
    public void announce(ServerResponse response) {
        if (!applied.isEmpty()) {
            response.header(HeaderValues.create(PREFERENCE_APPLIED, String.join(", ", applied)));
        }
    }
}
