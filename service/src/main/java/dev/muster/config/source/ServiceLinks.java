package dev.muster.config.source;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The environment variables of Kubernetes about the Services of the namespace. A container has them unless its pod has
 * {@code enableServiceLinks: false}: for a Service {@code muster-admin} it has
 * {@code MUSTER_ADMIN_PORT=tcp://10.96.3.7:80}, which is no port of ours.
 *
 * <p>Most have a name and a value that nobody mistypes. {@code MUSTER_SERVICE_HOST} and {@code MUSTER_SERVICE_PORT} count
 * only beside such a variable of the same Service: alone, they are {@code MUSTER_SERVER_PORT}, mistyped.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables">Kubernetes,
 *     Services, Environment variables</a>
 */
public final class ServiceLinks {

    /** The first port of a Service. */
    private static final Pattern FIRST_PORT = Pattern.compile("(?<service>MUSTER(?:_[A-Z0-9_]+)?)_PORT");

    /** Each of its ports, in the form of Docker's links. */
    private static final Pattern EACH_PORT = Pattern.compile("(?<service>MUSTER(?:_[A-Z0-9_]+)?)"
            + "_PORT_(?<port>\\d{1,5})_(?<protocol>TCP|UDP|SCTP)(?:_(?<part>PROTO|PORT|ADDR))?");

    private static final Pattern HOST_OR_PORT =
            Pattern.compile("(?<service>MUSTER(?:_[A-Z0-9_]+)?)_SERVICE_(?<part>HOST|PORT(?:_[A-Z0-9_]+)?)");

    private static final Pattern URL =
            Pattern.compile("(?<protocol>tcp|udp|sctp)://\\[?(?<host>[0-9a-fA-F:.]+)]?:(?<port>\\d{1,5})");

    private final Map<String, String> environment;
    private final Set<String> variables;
    private final Map<String, String> links;
    private final Set<String> services;

    private ServiceLinks(Map<String, String> environment, Set<String> variables) {
        this.environment = environment;
        this.variables = variables;
        this.services = new TreeSet<>();
        environment.forEach((name, value) -> ofPort(name, value).ifPresent(services::add));
        this.links = environment.entrySet().stream()
                .filter(variable -> isLink(variable.getKey(), variable.getValue()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (_, last) -> last, TreeMap::new));
    }

    /** Finds them in an environment; {@code variables} are the variables of our keys. */
    public static ServiceLinks in(Map<String, String> environment, Set<String> variables) {
        return new ServiceLinks(environment, variables);
    }

    /** The other variables. */
    public Map<String, String> others() {
        return environment.entrySet().stream()
                .filter(variable -> !links.containsKey(variable.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** A warning in one line; empty if there are none. */
    public Optional<String> warning() {
        if (links.isEmpty()) {
            return Optional.empty();
        }
        String called = services.stream().map(ServiceLinks::serviceName).collect(Collectors.joining(", "));
        return Optional.of("passed over the " + links.size() + " variables that Kubernetes makes of the Services "
                + called + ", such as " + example() + "; enableServiceLinks: false in the pod's spec keeps them out");
    }

    /** Preferably one with the name of a key: this one may be a mistake. */
    private String example() {
        return links.keySet().stream()
                .filter(variables::contains)
                .findFirst()
                .orElse(links.keySet().iterator().next());
    }

    private boolean isLink(String name, String value) {
        return ofPort(name, value).isPresent() || tellsHostOrPort(name, value);
    }

    /** The Service (in the form of the variables) whose port the variable certainly has. */
    private static Optional<String> ofPort(String name, String value) {
        Matcher each = EACH_PORT.matcher(name);
        if (each.matches() && tells(each, value)) {
            return Optional.of(each.group("service"));
        }
        Matcher first = FIRST_PORT.matcher(name);
        return first.matches() && isUrl(value) ? Optional.of(first.group("service")) : Optional.empty();
    }

    private static boolean tells(Matcher name, String value) {
        String protocol = name.group("protocol").toLowerCase(Locale.ROOT);
        String port = name.group("port");
        return switch (Objects.requireNonNullElse(name.group("part"), "")) {
            case "PROTO" -> value.equals(protocol);
            case "PORT" -> value.equals(port);
            case "ADDR" -> isAddress(value);
            default -> isUrl(value) && value.startsWith(protocol + ":") && value.endsWith(":" + port);
        };
    }

    private boolean tellsHostOrPort(String name, String value) {
        Matcher variable = HOST_OR_PORT.matcher(name);
        return variable.matches()
                && services.contains(variable.group("service"))
                && (variable.group("part").equals("HOST") ? isAddress(value) : isPort(value));
    }

    private static boolean isUrl(String value) {
        Matcher url = URL.matcher(value);
        return url.matches() && isAddress(url.group("host")) && isPort(url.group("port"));
    }

    private static boolean isAddress(String value) {
        try {
            InetAddress.ofLiteral(value);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isPort(String value) {
        return value.matches("[1-9]\\d{0,4}") && Integer.parseInt(value) <= 65_535;
    }

    /** Names of Services have lower case, and no underscore. */
    private static String serviceName(String variable) {
        return variable.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
