package dev.muster.config;

import dev.muster.config.ValueType.InvalidValueException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All types of values. */
final class ValueTypes {

    private ValueTypes() {}

    /** A number from {@code from} to {@code to}. */
    record WholeNumber(int from, int to) implements ValueType<Integer> {

        // No sign and no leading zero: 010 is 8 or 10, by the version of YAML.
        private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]{0,9}");

        @Override
        public Integer read(String text) throws InvalidValueException {
            if (!DIGITS.matcher(text).matches()) {
                throw new InvalidValueException();
            }
            long number = Long.parseLong(text);
            if (number < from || number > to) {
                throw new InvalidValueException();
            }
            return (int) number;
        }

        @Override
        public String allowed() {
            return "a whole number from " + from + " to " + to;
        }
    }

    /** A duration up to {@code atMost}, zero only if {@code zero}. */
    record TimeSpan(boolean zero, Duration atMost) implements ValueType<Duration> {

        static TimeSpan fromZeroTo(Duration atMost) {
            return new TimeSpan(true, atMost);
        }

        static TimeSpan aboveZeroTo(Duration atMost) {
            return new TimeSpan(false, atMost);
        }

        @Override
        public Duration read(String text) throws InvalidValueException {
            try {
                Duration duration = Duration.parse(text);
                if (duration.isNegative() || (duration.isZero() && !zero) || duration.compareTo(atMost) > 0) {
                    throw new InvalidValueException();
                }
                return duration;
            } catch (DateTimeParseException e) {
                throw new InvalidValueException();
            }
        }

        @Override
        public String allowed() {
            return "an ISO 8601 duration such as PT0.5S, " + (zero ? "from zero to " : "above zero and at most ")
                    + atMost;
        }
    }

    /** The name of a constant of {@code type}, in lower case. */
    record OneOf<E extends Enum<E>>(Class<E> type) implements ValueType<E> {

        @Override
        public E read(String text) throws InvalidValueException {
            for (E constant : type.getEnumConstants()) {
                if (nameOf(constant).equals(text)) {
                    return constant;
                }
            }
            throw new InvalidValueException();
        }

        @Override
        public String allowed() {
            return Arrays.stream(type.getEnumConstants()).map(OneOf::nameOf).collect(Collectors.joining(" or "));
        }

        private static String nameOf(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
    }

    record YesOrNo() implements ValueType<Boolean> {

        @Override
        public Boolean read(String text) throws InvalidValueException {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new InvalidValueException();
            };
        }

        @Override
        public String allowed() {
            return "true or false";
        }
    }

    /** An address to bind. Only the bind shows whether this machine has it. */
    record HostName() implements ValueType<String> {

        private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[?[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?]?");

        @Override
        public String read(String text) throws InvalidValueException {
            if (!HOST.matcher(text).matches()) {
                throw new InvalidValueException();
            }
            return text;
        }

        @Override
        public String allowed() {
            return "a host name or an IP address";
        }
    }

    /** Any text. Never shown. */
    record SecretText() implements ValueType<Secret> {

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

    /**
     * A number from {@code from} to {@code to}, or {@code auto}.
     *
     * @param bearable the value of {@code auto}
     */
    record Sized(int from, int to, IntSupplier bearable) implements ValueType<Integer> {
        private static final String AUTO = "auto";

        @Override
        public Integer read(String text) throws InvalidValueException {
            return text.equals(AUTO) ? Integer.valueOf(bearable.getAsInt()) : number().read(text);
        }

        private ValueType<Integer> number() {
            return new WholeNumber(from, to);
        }

        @Override
        public String allowed() {
            return number().allowed() + ", or auto";
        }

        @Override
        public String shown(String text) {
            return text.equals(AUTO) ? AUTO + " (" + bearable.getAsInt() + ")" : text;
        }
    }

    /** The prefix of a backend's paths. */
    record BaseUri() implements ValueType<URI> {

        @Override
        public URI read(String text) throws InvalidValueException {
            URI uri = parse(text);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (!http || uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65_535) {
                throw new InvalidValueException();
            }
            // Any @, not only after user info: shown() hides everything before it.
            if (text.contains("@") || uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new InvalidValueException();
            }
            return text.endsWith("/") ? URI.create(text.replaceAll("/+$", "")) : uri;
        }

        private static URI parse(String text) throws InvalidValueException {
            // URI accepts letters beyond ASCII, a request line does not.
            if (!StandardCharsets.US_ASCII.newEncoder().canEncode(text)) {
                throw new InvalidValueException("it must be percent-encoded");
            }
            try {
                return new URI(text);
            } catch (URISyntaxException e) {
                throw new InvalidValueException();
            }
        }

        @Override
        public String allowed() {
            return "an absolute http or https URI with a host, without user info, query and fragment";
        }

        /** Without the user info: it may have a password. */
        @Override
        public String shown(String text) {
            return text.replaceAll("(?s)^([a-zA-Z]+://)?.*@", "$1" + Secret.MASK + "@");
        }
    }

    /** The names of the request headers for a backend. */
    record ForwardedHeaderNames() implements ValueType<List<String>> {

        /** A token of RFC 9110 section 5.6.2. */
        private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

        /** Headers of one connection (RFC 9110 section 7.6.1), and headers of our own. */
        private static final Set<String> NEVER_FORWARDED = Set.of(
                "connection",
                "keep-alive",
                "proxy-connection",
                "proxy-authenticate",
                "proxy-authorization",
                "te",
                "trailer",
                "transfer-encoding",
                "upgrade",
                "host",
                "content-length",
                "expect",
                "accept",
                "accept-encoding",
                "range",
                "if-match",
                "if-none-match",
                "if-modified-since",
                "if-unmodified-since",
                "if-range",
                "x-envoy-expected-rq-timeout-ms",
                "x-request-id",
                "traceparent",
                "tracestate");

        @Override
        public List<String> read(String text) throws InvalidValueException {
            if (text.isBlank()) {
                return List.of();
            }
            List<String> names =
                    Stream.of(text.split(",", -1)).map(String::strip).toList();
            Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
            for (String name : names) {
                if (!TOKEN.matcher(name).matches()) {
                    throw new InvalidValueException("'" + name + "' is not one");
                }
                if (NEVER_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                    throw new InvalidValueException(name + " is never forwarded");
                }
                if (!seen.add(name)) {
                    throw new InvalidValueException(name + " is there twice");
                }
            }
            return names;
        }

        @Override
        public String allowed() {
            return "a list of header names";
        }

        @Override
        public boolean isList() {
            return true;
        }
    }

    /** The file of a backend's trusted certificates. {@link WholeChecks} opens it. */
    record TrustStoreFile() implements ValueType<Optional<Path>> {

        @Override
        public Optional<Path> read(String text) throws InvalidValueException {
            if (text.isEmpty()) {
                return Optional.empty();
            }
            Path file = path(text);
            if (!Files.exists(file)) {
                throw new InvalidValueException("there is no such file");
            }
            if (Files.isDirectory(file)) {
                throw new InvalidValueException("this is a directory");
            }
            if (!Files.isReadable(file)) {
                throw new InvalidValueException("this one may not be read");
            }
            return Optional.of(file);
        }

        private static Path path(String text) throws InvalidValueException {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new InvalidValueException();
            }
        }

        @Override
        public String allowed() {
            return "the path of a readable PKCS12, JKS or PEM file, or empty";
        }
    }
}
