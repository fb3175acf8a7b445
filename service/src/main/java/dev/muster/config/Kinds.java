package dev.muster.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kinds that could belong to any key. */
final class Kinds {

    private Kinds() {}

    /** A number of at least {@code from} and at most {@code to}. */
    record WholeNumber(int from, int to) implements Kind<Integer> {

        // no sign and no leading zero: YAML versions disagree on what 010 is
        private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]{0,9}");

        @Override
        public Integer read(String text) throws Refused {
            if (!DIGITS.matcher(text).matches()) {
                throw new Refused();
            }
            long number = Long.parseLong(text);
            if (number < from || number > to) {
                throw new Refused();
            }
            return (int) number;
        }

        @Override
        public String allowed() {
            return "a whole number from " + from + " to " + to;
        }
    }

    /** A duration up to and including {@code atMost}, and above zero unless {@code zero} is allowed. */
    record TimeSpan(boolean zero, Duration atMost) implements Kind<Duration> {

        static TimeSpan fromZeroTo(Duration atMost) {
            return new TimeSpan(true, atMost);
        }

        static TimeSpan aboveZeroTo(Duration atMost) {
            return new TimeSpan(false, atMost);
        }

        @Override
        public Duration read(String text) throws Refused {
            try {
                Duration duration = Duration.parse(text);
                if (duration.isNegative() || (duration.isZero() && !zero) || duration.compareTo(atMost) > 0) {
                    throw new Refused();
                }
                return duration;
            } catch (DateTimeParseException e) {
                throw new Refused();
            }
        }

        @Override
        public String allowed() {
            return "an ISO 8601 duration such as PT0.5S, " + (zero ? "from zero to " : "above zero and at most ")
                    + atMost;
        }
    }

    /** The lower-case name of one of the constants of {@code type}. */
    record OneOf<E extends Enum<E>>(Class<E> type) implements Kind<E> {

        @Override
        public E read(String text) throws Refused {
            for (E constant : type.getEnumConstants()) {
                if (nameOf(constant).equals(text)) {
                    return constant;
                }
            }
            throw new Refused();
        }

        @Override
        public String allowed() {
            return Arrays.stream(type.getEnumConstants()).map(OneOf::nameOf).collect(Collectors.joining(" or "));
        }

        private static String nameOf(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
    }

    /** true or false. */
    record YesOrNo() implements Kind<Boolean> {

        @Override
        public Boolean read(String text) throws Refused {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new Refused();
            };
        }

        @Override
        public String allowed() {
            return "true or false";
        }
    }

    /** An address to bind. That it exists on this machine is found when it is bound. */
    record HostName() implements Kind<String> {

        private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[?[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?]?");

        @Override
        public String read(String text) throws Refused {
            if (!HOST.matcher(text).matches()) {
                throw new Refused();
            }
            return text;
        }

        @Override
        public String allowed() {
            return "a host name or an IP address";
        }
    }

    /** Any text, never shown. */
    record SecretText() implements Kind<Secret> {

        @Override
        public Secret read(String text) {
            return new Secret(text);
        }

        @Override
        public String allowed() {
            return "a text";
        }

        @Override
        public String shown(String text) {
            return new Secret(text).toString();
        }
    }
}
