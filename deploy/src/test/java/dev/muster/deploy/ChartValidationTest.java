package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.muster.config.BackendName;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The checks beyond the schema: each violation is one line, and all are reported at once. */
class ChartValidationTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        server: {port: 8081}               | admin.port: 8081: must differ from server.port
        resources: {limits: {memory: null}} | resources.limits.memory: is required: the heap is a part of it
        resources: {limits: null}          | resources.limits.memory: is required: the heap is a part of it
        {autoscaling: {enabled: true}, resources: {requests: {cpu: null}}} | resources.requests.cpu: is required with \
        autoscaling.enabled, which measures by it
        autoscaling: {enabled: true, minReplicas: 5, maxReplicas: 4} | autoscaling.maxReplicas: 4: must be at least \
        autoscaling.minReplicas, which is 5
        networkPolicy: {enabled: true}     | networkPolicy.egress: is required with networkPolicy.enabled, or no backend \
        would be reached
        config: {backends: {user: PT1S}}   | config.backends.user: must be a mapping, e.g. {timeout: PT1S}
        config: {backends: {trust-store-password: a}} | config.backends.trust-store-password: must not be set here: a \
        ConfigMap is no place for a secret; set it with extraEnvFrom
        config: {backends: {posts: {trust-store-password: a}}} | config.backends.posts.trust-store-password: must not be \
        set here: a ConfigMap is no place for a secret; set it with extraEnvFrom
        """)
    void refusesWhatDoesNotFit(String values, String line) {
        assertRefusedWith(line, values);
    }

    @Test
    void refusesASectionForAnUnknownBackend() {
        String backends =
                BackendName.ALL.stream().map(BackendName::label).sorted().collect(Collectors.joining(", "));

        assertRefusedWith(
                "config.backends.freinds: must be one of " + backends,
                "config: {backends: {freinds: {timeout: PT1S}}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        server.host               | it is 0.0.0.0 in a pod
        server.port               | set the value server.port
        admin.host                | it is 0.0.0.0 in a pod
        admin.port                | set the value admin.port
        shutdown.lame-duck        | set the value shutdown.lameDuckSeconds
        shutdown.linger           | set the value shutdown.lingerSeconds
        shutdown.drain            | set the value shutdown.drainSeconds
        shutdown.cancel           | set the value shutdown.cancelSeconds
        """)
    void refusesASecondWayToSayWhatIsCheckedHere(String key, String instead) {
        String nested = "config: {" + key.replace(".", ": {") + ": x" + "}".repeat(key.split("\\.").length);
        String variable = "MUSTER_" + key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);

        assertRefusedWith("config." + key + ": must not be set here: " + instead, nested);
        assertRefusedWith(
                "extraEnv[1]: " + variable + ": must not be set here: " + instead,
                "extraEnv: [{name: OTHER}, {name: " + variable + ", value: x}]");
    }

    @ParameterizedTest
    @EnumSource
    void refusesASecondWayToSayWhereABackendIs(BackendName backend) {
        String prefix = "backends." + backend.label();
        refusesASecondWayToSayWhatIsCheckedHere(prefix + ".base-uri", "set the value " + prefix + ".baseUri");
    }

    @Test
    void refusesABackendWithoutABaseUriAndSoANameThatIsMistyped() {
        String refusal = Chart.refusal("""
            config: {backends: {base-uri: null}}
            backends: {user: {baseUri: http://users}, posts: {baseUri: ""}, freinds: {baseUri: http://friends}}
            """);

        assertThat(refusal)
                .contains("\nbackends.posts.baseUri: is required, e.g. http://posts:8080")
                .contains("\nbackends.friends.baseUri: is required, e.g. http://friends:8080")
                .doesNotContain("backends.user");
    }

    @Test
    void tellsAllAtOnce() {
        assertThat(Chart.refusal("""
            config: {backends: {base-uri: null}}
            terminationGracePeriodSeconds: 1
            server: {port: 9000}
            admin: {port: 9000}
            """))
                .contains("\nbackends.user.baseUri: ", "\nterminationGracePeriodSeconds: 1: ", "\nadmin.port: 9000: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config: {shutdown: {}}",
                "config: {backends: {timeout: PT2S, user: {timeout: PT1S}}}",
                "extraEnv: [{name: MUSTER_BACKENDS_BASE_URI, value: a}]",
                "extraEnv: [{name: MUSTER_BACKENDS_POSTS_TRUST_STORE_PASSWORD, value: a}]",
                "autoscaling: {minReplicas: 5, maxReplicas: 4}"
            })
    void takesWhatFits(String values) {
        assertThatCode(() -> Chart.with(values)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "extraEnv",
                "extraVolumes",
                "podAnnotations",
                "podLabels",
                "nodeSelector",
                "affinity",
                "nameOverride",
                "priorityClassName"
            })
    void takesNothingForNone(String name) {
        assertThat(Chart.with(name + ": null").documents())
                .isEqualTo(Chart.least().documents());
    }

    @Test
    void needsNoConfigIfEachBackendHasABaseUri() {
        String backends = BackendName.ALL.stream()
                .map(backend -> backend.label() + ": {baseUri: http://backends:8080}")
                .collect(Collectors.joining(", ", "backends: {", "}"));

        assertThat(Loaded.config(Chart.with("config: null\n" + backends))).isEqualTo(Loaded.config(Chart.least()));
    }

    private static void assertRefusedWith(String line, String values) {
        assertThat(Chart.refusal(values).lines())
                .as(values)
                .filteredOn(told -> told.contains(": "))
                .hasSize(2)
                .last()
                .isEqualTo(line);
    }
}
