package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChartSchemaTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        replicas: 3                                       | additional properties 'replicas' not allowed
        image: {repo: muster}                             | at '/image': additional properties 'repo' not allowed
        image: {tag: 1.0}                                 | at '/image/tag': got number, want string
        image: {tag: 'a:b'}                               | at '/image/tag': 'a:b' does not match
        image: {digest: sha256:12}                        | at '/image/digest': 'sha256:12' does not match
        image: {pullPolicy: Sometimes}                    | at '/image/pullPolicy': value must be one of
        backends: {Users: {baseUri: http://a}}            | invalid propertyName 'Users'
        backends: {user: {base-uri: http://a}}            | at '/backends/user': additional properties 'base-uri' not allowed
        backends: {user: {baseUri: users:8080}}           | at '/backends/user/baseUri': 'users:8080' does not match
        config: text                                      | at '/config': got string, want object
        config: {shutdown.drain: PT60S}                   | invalid propertyName 'shutdown.drain'
        config: {backends: {user.timeout: PT1S}}          | invalid propertyName 'user.timeout'
        config: {log: json}                               | at '/config/log': got string, want object
        config: {shutdown: 5}                             | at '/config/shutdown': got number, want object
        extraEnv: [{value: a}]                            | at '/extraEnv/0': missing property 'name'
        extraEnv: [{name: A, value: 1}]                   | at '/extraEnv/0/value': got number, want string
        extraEnvFrom: {}                                  | at '/extraEnvFrom': got object, want array
        server: {port: http}                              | at '/server/port': got string, want integer
        server: {port: 80}                                | at '/server/port': minimum: got 80, want 1,024
        admin: {port: 65536}                              | at '/admin/port': maximum: got 65,536, want 65,535
        shutdown: {lameDuckSeconds: -1}                   | at '/shutdown/lameDuckSeconds': minimum: got -1, want 0
        shutdown: {lingerSeconds: 1.5}                    | at '/shutdown/lingerSeconds': got number, want integer
        shutdown: {drainSeconds: PT15S}                   | at '/shutdown/drainSeconds': got string, want integer
        shutdown: {drainSeconds: 3601}                    | at '/shutdown/drainSeconds': maximum: got 3,601, want 3,600
        shutdown: {cancelSeconds: 61}                     | at '/shutdown/cancelSeconds': maximum: got 61, want 60
        shutdown: {lameDuck: 5}                           | at '/shutdown': additional properties 'lameDuck' not allowed
        terminationGracePeriodSeconds: 60s                | at '/terminationGracePeriodSeconds': got string, want null or integer
        replicaCount: -1                                  | at '/replicaCount': minimum: got -1, want 0
        maxSurge: 0                                       | at '/maxSurge': minimum: got 0, want 1
        maxSurge: 0%                                      | at '/maxSurge': '0%' does not match
        resources: {cpu: 1}                               | at '/resources': additional properties 'cpu' not allowed
        probes: {liveness: {path: /}}                     | at '/probes/liveness': additional properties 'path' not allowed
        probes: {readiness: {periodSeconds: 0}}           | at '/probes/readiness/periodSeconds': minimum: got 0, want 1
        service: {type: ExternalName}                     | at '/service/type': value must be one of
        podAnnotations: {a: 1}                            | at '/podAnnotations/a': got number, want string
        topologySpread: {whenUnsatisfiable: Never}        | at '/topologySpread/whenUnsatisfiable': value must be one of
        podDisruptionBudget: {maxUnavailable: 0}          | at '/podDisruptionBudget/maxUnavailable': minimum: got 0, want 1
        autoscaling: {enabled: 'yes'}                     | at '/autoscaling/enabled': got string, want boolean
        autoscaling: {minReplicas: 0}                     | at '/autoscaling/minReplicas': minimum: got 0, want 1
        networkPolicy: {egress: {}}                       | at '/networkPolicy/egress': got object, want array
        serviceMonitor: {interval: 30}                    | at '/serviceMonitor/interval': got number, want string
        serviceMonitor: {interval: 1 minute}              | at '/serviceMonitor/interval': '1 minute' does not match
        probes: null                                      | missing property 'probes'
        shutdown: {drainSeconds: null}                    | at '/shutdown': missing property 'drainSeconds'
        fullnameOverride: Muster                          | at '/fullnameOverride': 'Muster' does not match
        """)
    void refusesWhatIsNotAllowedAndSaysWhere(String values, String message) {
        assertThat(Chart.refusal(values)).contains("values don't meet the specifications of the schema", message);
    }

    @Test
    void letsAParentChartHandDownGlobalValues() {
        assertThat(Chart.with("global: {imageRegistry: images.example}").documents())
                .isEqualTo(Chart.least().documents());
    }

    @Test
    void namesWhatTheValuesHave() throws IOException {
        YAMLMapper yaml = new YAMLMapper();
        JsonNode schema =
                yaml.readTree(Chart.SOURCE.resolve("values.schema.json").toFile());
        JsonNode values = yaml.readTree(Chart.SOURCE.resolve("values.yaml").toFile());

        Set<String> names = new TreeSet<>();
        schema.path("properties").fieldNames().forEachRemaining(names::add);
        names.remove("global");
        assertThat(values.fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(names);
        for (String name : names) {
            JsonNode inner = schema.path("properties").path(name);
            if (inner.path("additionalProperties").isBoolean()) {
                assertThat(values.path(name).fieldNames())
                        .toIterable()
                        .as(name)
                        .containsExactlyInAnyOrderElementsOf(
                                () -> inner.path("properties").fieldNames());
            }
        }
    }
}
