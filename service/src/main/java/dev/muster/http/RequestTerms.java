package dev.muster.http;

import dev.muster.concurrent.Deadline;
import dev.muster.config.DeadlineConfig;
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
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request gets beside its resource: how long it may take, and what becomes of it where something is missing.
 *
 * @param deadline the least that the client states, never above the maximum; the default where it states none
 * @param handling the client's, else the default
 * @param applied the preferences that are in force because the client stated them
 */
public record RequestTerms(Deadline deadline, Handling handling, List<String> applied) {
    private static final HeaderName PREFER = HeaderNames.create("Prefer");
    private static final HeaderName PREFERENCE_APPLIED = HeaderNames.create("Preference-Applied");
    /** Envoy, and the services that speak its language, tell in milliseconds how long they will wait. */
    private static final HeaderName ENVOY_TIMEOUT = HeaderNames.create("x-envoy-expected-rq-timeout-ms");

    private static final Pattern WHOLE_NUMBER = Pattern.compile("(-?)0*([0-9]+)");
    private static final int DIGITS_OF_LONG = 18;

    /** Reads the terms of {@code exchange}. A time that cannot be read is ignored, and noted to be counted. */
    public static RequestTerms of(Exchange exchange, DeadlineConfig config, Handling defaultHandling) {
        Prefer prefer = Prefer.of(exchange.headerValues(PREFER));
        Optional<Duration> wait =
                prefer.waitSeconds().flatMap(text -> read(text, Duration::ofSeconds, PREFER, exchange));
        List<Duration> stated = new ArrayList<>(2);
        wait.ifPresent(stated::add);
        for (String text : exchange.headerValues(ENVOY_TIMEOUT)) {
            read(text, Duration::ofMillis, ENVOY_TIMEOUT, exchange).ifPresent(stated::add);
        }
        Duration limit = limit(stated, config);

        List<String> applied = new ArrayList<>(2);
        prefer.handling()
                .ifPresent(value -> applied.add("handling=" + value.name().toLowerCase(Locale.ROOT)));
        wait.filter(limit::equals).ifPresent(value -> applied.add("wait=" + value.toSeconds()));
        return new RequestTerms(exchange.deadlineAfter(limit), prefer.handling().orElse(defaultHandling), applied);
    }

    private static Duration limit(List<Duration> stated, DeadlineConfig config) {
        if (stated.isEmpty()) {
            return config.standard();
        }
        Duration least = Collections.min(stated);
        if (least.isNegative()) {
            return Duration.ZERO;
        }
        return least.compareTo(config.maximum()) < 0 ? least : config.maximum();
    }

    /** A whole number of units; one that overflows is above any maximum, and any below zero is as good as another. */
    private static Optional<Duration> read(
            String text, LongFunction<Duration> unit, HeaderName header, Exchange exchange) {
        Matcher number = WHOLE_NUMBER.matcher(text.strip());
        if (!number.matches()) {
            exchange.ignoresDeadline(header.lowerCase());
            return Optional.empty();
        }
        String digits = number.group(2);
        long value = digits.length() > DIGITS_OF_LONG ? Long.MAX_VALUE : Long.parseLong(digits);
        return Optional.of(unit.apply(number.group(1).isEmpty() ? value : -value));
    }

    /** Says in the answer, whatever it is, which preferences were honoured (RFC 7240 section 3). */
    public void announce(ServerResponse response) {
        if (!applied.isEmpty()) {
            response.header(HeaderValues.create(PREFERENCE_APPLIED, String.join(", ", applied)));
        }
    }
}
