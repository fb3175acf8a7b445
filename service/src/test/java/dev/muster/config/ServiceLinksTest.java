package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables that Kubernetes adds for Services whose names begin with ours. */
class ServiceLinksTest {
    private static final String ADDRESS = "10.96.3.7";

    /** All variables that Kubernetes adds for a Service with one port, as in pkg/kubelet/envvars. */
    private static Map<String, String> links(String service, String address, String protocol, String portName) {
        String host = address.contains(":") ? "[" + address + "]" : address;
        String url = protocol.toLowerCase(Locale.ROOT) + "://" + host + ":80";
        String port = service + "_PORT_80_" + protocol;
        Map<String, String> links = new LinkedHashMap<>();
        links.put(service + "_SERVICE_HOST", address);
        links.put(service + "_SERVICE_PORT", "80");
        links.put(service + "_SERVICE_PORT_" + portName, "80");
        links.put(service + "_PORT", url);
        links.put(port, url);
        links.put(port + "_PROTO", protocol.toLowerCase(Locale.ROOT));
        links.put(port + "_PORT", "80");
        links.put(port + "_ADDR", address);
        return links;
    }

    private static LoadedConfig load(Map<String, String> environment) throws InvalidConfig {
        return ConfigLoader.load(null, environment, Loading.BASE_URIS);
    }

    @ParameterizedTest
    @CsvSource({
        "MUSTER, 10.96.3.7, TCP",
        "MUSTER, fd00::1, TCP",
        "MUSTER_ADMIN, 10.96.3.7, TCP",
        "MUSTER_SERVER, 10.96.3.7, UDP",
        "MUSTER_DEMO, fd00:10:96::a, SCTP",
        "MUSTER_V2_80, 10.96.3.7, TCP"
    })
    void theyArePassedOver(String service, String address, String protocol) throws InvalidConfig {
        LoadedConfig loaded = load(links(service, address, protocol, "HTTP_2"));

        assertThat(loaded.config()).isEqualTo(Loading.defaults());
        assertThat(loaded.warning())
                .hasValueSatisfying(warning -> assertThat(warning)
                        .startsWith("passed over the 8 variables that Kubernetes makes of the Services "
                                + service.toLowerCase(Locale.ROOT).replace('_', '-') + ", such as " + service + "_PORT")
                        .endsWith("; enableServiceLinks: false in the pod's spec keeps them out"));
    }

    @Test
    void oneWarningIsForAllAndShowsTheOneThatBearsTheNameOfAKey() throws InvalidConfig {
        Map<String, String> environment = new HashMap<>(links("MUSTER", ADDRESS, "TCP", "HTTP"));
        environment.putAll(links("MUSTER_ADMIN", ADDRESS, "TCP", "ADMIN"));

        assertThat(load(environment).warning())
                .contains("passed over the 16 variables that Kubernetes makes of the Services muster, muster-admin,"
                        + " such as MUSTER_ADMIN_PORT; enableServiceLinks: false in the pod's spec keeps them out");
    }

    /** The pod's own {@code env} overrides the variables of Kubernetes. */
    @Test
    void ourOwnKeysCountAmongThem() throws InvalidConfig {
        Map<String, String> environment = new HashMap<>(links("MUSTER_ADMIN", ADDRESS, "TCP", "ADMIN"));
        environment.put("MUSTER_ADMIN_PORT", "9090");
        environment.put("MUSTER_SERVER_PORT", "9091");

        AppConfig config = load(environment).config();

        assertThat(config.admin().port()).isEqualTo(9090);
        assertThat(config.server().port()).isEqualTo(9091);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MUSTER_PORT", "MUSTER_ADMIN_PORT", "MUSTER_SERVER_PORT", "MUSTER_DEMO_PORT"})
    void aPortThatIsAUrlIsOneByItself(String name) throws InvalidConfig {
        LoadedConfig loaded = load(Map.of(name, "tcp://10.96.3.7:80"));

        assertThat(loaded.config()).isEqualTo(Loading.defaults());
        assertThat(loaded.warning()).isPresent();
    }

    @Test
    void withoutThemThereIsNoWarning() throws InvalidConfig {
        assertThat(load(Map.of("MUSTER_SERVER_PORT", "1", "OTHER_PORT", "tcp://10.96.3.7:80"))
                        .warning())
                .isEmpty();
    }

    /** Alone, each of these variables is a misspelt key of ours or unknown. */
    @ParameterizedTest
    @CsvSource({
        "MUSTER_SERVICE_HOST, 10.96.3.7",
        "MUSTER_SERVICE_PORT, 80",
        "MUSTER_PORT, 80",
        "MUSTER_PORT, tcp://users:80",
        "MUSTER_PORT, http://10.96.3.7:80",
        "MUSTER_PORT, tcp://10.96.3.7:80808",
        "MUSTER_PORT_80_TCP, tcp://10.96.3.7:81",
        "MUSTER_PORT_80_TCP, udp://10.96.3.7:80",
        "MUSTER_PORT_80_TCP_PROTO, udp",
        "MUSTER_PORT_80_TCP_PORT, 81",
        "MUSTER_PORT_80_TCP_ADDR, ''"
    })
    void whatOnlyLooksLikeOneIsAnError(String name, String value) {
        assertThat(Loading.violations(Map.of(name, value)))
                .singleElement()
                .asString()
                .startsWith(name + " (environment): unknown variable, the nearest is MUSTER_");
    }

    @Test
    void aMistypedVariableBesideThemIsAnErrorAndTheOnlyOne() {
        Map<String, String> environment = new HashMap<>(links("MUSTER", ADDRESS, "TCP", "HTTP"));
        environment.put("MUSTER_SERVER_PROT", "1");
        environment.put("MUSTER_ADMIN_SERVICE_HOST", ADDRESS);

        assertThat(Loading.violations(environment))
                .isEqualTo(List.of(
                        "MUSTER_ADMIN_SERVICE_HOST (environment): unknown variable, the nearest is MUSTER_ADMIN_HOST",
                        "MUSTER_SERVER_PROT (environment): unknown variable, the nearest is MUSTER_SERVER_PORT"));
    }
}
