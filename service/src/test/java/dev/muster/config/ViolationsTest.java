package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.config.source.Violation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViolationsTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        server.port                     | 99999     | a whole number from 0 to 65535
        server.port                     | 99999999999 | a whole number from 0 to 65535
        server.port                     | -1        | a whole number from 0 to 65535
        server.port                     | 080       | a whole number from 0 to 65535
        server.port                     | http      | a whole number from 0 to 65535
        admin.port                      | 65536     | a whole number from 0 to 65535
        demo.port                       | 1.5       | a whole number from 0 to 65535
        backends.user.max-connections   | 0         | a whole number from 1 to 10000
        backends.user.max-connections   | 10001     | a whole number from 1 to 10000
        backends.posts.max-waiting      | 100001    | a whole number from 0 to 100000
        backends.posts.max-body         | 0         | a whole number from 1 to 67108864
        backends.posts.max-body         | 67108865  | a whole number from 1 to 67108864
        log.format                      | xml       | text or json
        log.max-queued-bytes            | 65535     | a whole number from 65536 to 1073741824, or auto
        handling                        | relaxed   | strict or lenient
        backends.posts.required         | yes       | true or false
        admin.kept-requests             | 10001     | a whole number from 0 to 10000
        server.max-requests             | 0         | a whole number from 1 to 1000000, or auto
        server.max-requests             | Auto      | a whole number from 1 to 1000000, or auto
        connection.max-connections      | 1000001   | a whole number from 1 to 1000000, or auto
        connection.refusals-per-second  | 0         | a whole number from 1 to 1000000, or auto
        bulk.handling                   | partial   | strict or lenient
        bulk.workers                    | 0         | a whole number from 1 to 10000
        bulk.max-ids                    | 10001     | a whole number from 1 to 10000
        bulk.max-queued                 | 0         | a whole number from 1 to 10000000
        bulk.max-buffered-bytes         | 1024      | a whole number from 65536 to 2147483647, or auto
        bulk.backend-share              | 101       | a whole number from 1 to 100
        backends.user.bulk-rate-limit   | 1000001   | a whole number from 0 to 1000000
        server.host                     | my host   | a host name or an IP address
        """)
    void aValueOutOfItsRangeSaysWhatIsAllowed(String key, String value, String allowed) {
        String name = Loading.variable(key);
        assertThat(Loading.violations(Map.of(name, value)))
                .containsExactly(key + ": " + value + " (environment " + name + "): must be " + allowed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        backends.user.timeout           | 800ms     | above zero and at most PT1M
        backends.user.timeout           | PT0S      | above zero and at most PT1M
        backends.user.timeout           | PT60.001S | above zero and at most PT1M
        backends.friends.idle-timeout   | PT2H      | above zero and at most PT1H
        backends.friends.dns-refresh    | PT-1S     | above zero and at most PT24H
        deadline.default                | PT301S    | above zero and at most PT5M
        deadline.max                    | PT0S      | above zero and at most PT5M
        deadline.reserve                | PT-0.1S   | from zero to PT10S
        connection.head-timeout         | PT301S    | above zero and at most PT5M
        connection.body-timeout         | PT0S      | above zero and at most PT5M
        connection.write-timeout        | 10        | above zero and at most PT5M
        connection.idle-timeout         | PT3601S   | above zero and at most PT1H
        connection.client-gone-after    | PT-1S     | from zero to PT5M
        bulk.deadline.default           | PT0S      | above zero and at most PT5M
        bulk.deadline.max               | PT301S    | above zero and at most PT5M
        shutdown.lame-duck              | PT601S    | from zero to PT10M
        shutdown.linger                 | -PT1S     | from zero to PT1H
        shutdown.drain                  | PT3601S   | from zero to PT1H
        shutdown.cancel                 | 1s        | from zero to PT1M
        log.stuck-after                 | PT61M     | from zero to PT1H
        """)
    void aDurationOutOfItsRangeSaysWhatIsAllowed(String key, String value, String range) {
        String name = Loading.variable(key);
        assertThat(Loading.violations(Map.of(name, value)))
                .containsExactly(key + ": " + value + " (environment " + name
                        + "): must be an ISO 8601 duration such as PT0.5S, " + range);
    }

    @Test
    void connectionsMustFitIntoTheFilesThatMayBeOpen() {
        int connections = 1_000_000;
        long needed = connections + BackendName.ALL.size() * 256L + 512;
        long openFiles = AutoValues.openFiles();
        String variable = "MUSTER_CONNECTION_MAX_CONNECTIONS";
        assertThat(Loading.violations(Map.of(variable, Integer.toString(connections))))
                .isEqualTo(
                        needed <= openFiles
                                ? List.of()
                                : List.of("connection.max-connections: " + connections + " (environment " + variable
                                        + "): must be lower, or backends.*.max-connections, or ulimit -n higher:"
                                        + " together they take " + needed + " open files, and the process may have "
                                        + openFiles));
    }

    @ParameterizedTest
    @CsvSource({
        "MUSTER_SERVER_PORT, 0",
        "MUSTER_SERVER_PORT, 65535",
        "MUSTER_BACKENDS_USER_TIMEOUT, PT60S",
        "MUSTER_BACKENDS_USER_IDLE_TIMEOUT, PT1H",
        "MUSTER_BACKENDS_USER_MAX_BODY, 67108864",
        "MUSTER_BACKENDS_USER_MAX_WAITING, 0",
        "MUSTER_DEADLINE_DEFAULT, PT10S",
        "MUSTER_BULK_MAX_IDS, 10000",
        "MUSTER_BULK_MAX_QUEUED, 1000",
        "MUSTER_BULK_DEADLINE_DEFAULT, PT30S",
        "MUSTER_DEADLINE_RESERVE, PT0S",
        "MUSTER_SHUTDOWN_LAME_DUCK, PT10M",
        "MUSTER_SHUTDOWN_LINGER, PT7S",
        "MUSTER_SHUTDOWN_DRAIN, PT1H",
        "MUSTER_SHUTDOWN_CANCEL, PT0S",
        "MUSTER_SERVER_HOST, fe80::1%eth0",
        "MUSTER_DEMO_PORT, 0"
    })
    void theEndsOfARangeAreAllowed(String name, String value) {
        assertThat(Loading.violations(Map.of(name, value))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "LocalHost, localhost", "0.0.0.0, 127.0.0.1", "10.0.0.1, ::"})
    void adminMayNotHaveTheServersPort(String server, String admin) {
        assertThat(Loading.violations(
                        Map.of("MUSTER_SERVER_HOST", server, "MUSTER_ADMIN_HOST", admin, "MUSTER_ADMIN_PORT", "8080")))
                .containsExactly("admin.port: 8080 (environment MUSTER_ADMIN_PORT): must differ from server.port on the"
                        + " same host, unless it is 0");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.2, 8080, 8080", "127.0.0.1, 127.0.0.1, 0, 0"})
    void adminMayHaveTheServersPortWhereTheyDoNotMeet(
            String server, String admin, String serverPort, String adminPort) {
        assertThat(Loading.violations(Map.of(
                        "MUSTER_SERVER_HOST", server,
                        "MUSTER_ADMIN_HOST", admin,
                        "MUSTER_SERVER_PORT", serverPort,
                        "MUSTER_ADMIN_PORT", adminPort)))
                .isEmpty();
    }

    @Test
    void theReserveMustBeLessThanTheDeadline() {
        assertThat(Loading.violations(Map.of("MUSTER_DEADLINE_DEFAULT", "PT0.01S")))
                .containsExactly(
                        "deadline.reserve: PT0.01S (default): must be less than deadline.default, which is PT0.01S");
    }

    @Test
    void theDefaultDeadlineMustNotBeAboveTheMaximum() {
        assertThat(Loading.violations(Map.of("MUSTER_DEADLINE_DEFAULT", "PT11S")))
                .containsExactly("deadline.default: PT11S (environment MUSTER_DEADLINE_DEFAULT): must be at most"
                        + " deadline.max, which is PT10S");
    }

    @Test
    void theReserveMustBeLessThanTheDeadlineOfBatches() {
        assertThat(Loading.violations(Map.of("MUSTER_BULK_DEADLINE_DEFAULT", "PT0.01S")))
                .containsExactly(
                        "deadline.reserve: PT0.01S (default): must be less than bulk.deadline.default, which is"
                                + " PT0.01S");
    }

    @Test
    void theDefaultDeadlineOfBatchesMustNotBeAboveTheirMaximum() {
        assertThat(Loading.violations(Map.of("MUSTER_BULK_DEADLINE_DEFAULT", "PT31S")))
                .containsExactly("bulk.deadline.default: PT31S (environment MUSTER_BULK_DEADLINE_DEFAULT): must be at"
                        + " most bulk.deadline.max, which is PT30S");
    }

    @Test
    void aWholeBatchMustFitIntoTheQueue() {
        assertThat(Loading.violations(Map.of("MUSTER_BULK_MAX_QUEUED", "999")))
                .containsExactly("bulk.max-queued: 999 (environment MUSTER_BULK_MAX_QUEUED): must be at least"
                        + " bulk.max-ids, which is 1000");
    }

    @Test
    void theLingerIsPartOfTheDrain() {
        assertThat(Loading.violations(Map.of("MUSTER_SHUTDOWN_DRAIN", "PT1.5S")))
                .containsExactly(
                        "shutdown.linger: PT2S (default): must be at most shutdown.drain, which it is a part of"
                                + " and which is PT1.5S");
    }

    @Test
    void theUserIsAlwaysRequired() {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_REQUIRED", "false")))
                .containsExactly("backends.user.required: false (environment MUSTER_BACKENDS_USER_REQUIRED): must be"
                        + " true: there is no profile without a user");
    }

    @Test
    void anUnknownVariableNamesTheNearest() {
        assertThat(Loading.violations(Map.of("MUSTER_SERVER_PROT", "1")))
                .containsExactly(
                        "MUSTER_SERVER_PROT (environment): unknown variable, the nearest is MUSTER_SERVER_PORT");
    }

    @Test
    void variablesOfOthersAndOfTheLauncherAreIgnored() {
        assertThat(Loading.violations(Map.of("PATH", "/bin", "MUSTERPORT", "1", "MUSTER_JAVA_OPTS", "-Xmx1g")))
                .isEmpty();
    }

    @Test
    void anUnknownKeyInTheFileNamesTheNearest() {
        Path file = Loading.write(directory, "server:\n  port: 1\n  hots: localhost\n");
        assertThat(Loading.violations(file))
                .containsExactly("server.hots (FILE " + file + ", line 3): unknown key, the nearest is server.host");
    }

    @Test
    void anUnknownKeyInTheOverridesNamesTheNearest() {
        assertThat(Loading.lines(null, Map.of(), Map.of("backends.user.base-url", "http://h")))
                .contains("backends.user.base-url (override): unknown key, the nearest is backends.user.base-uri");
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThat(Loading.violations(Map.of("MUSTER_LOG_FORMAT", "te\nxt\u001b[31m\u202e\u2028")))
                .containsExactly("log.format: te\\nxt\\u001b[31m\\u202e\\u2028 (environment MUSTER_LOG_FORMAT): must be"
                        + " text or json");
    }

    @Test
    void theEmptyTextIsShownAsQuotes() {
        assertThat(Loading.violations(Map.of("MUSTER_SERVER_PORT", "")))
                .containsExactly("server.port: \"\" (environment MUSTER_SERVER_PORT): must be a whole number from 0 to"
                        + " 65535");
    }

    @Test
    void allViolationsAreReportedAtOnce() {
        Path file = Loading.write(directory, """
            server:
              port: 70000
            deadline: {reserve: PT1S}
            log:
              fromat: json
            """);
        Map<String, String> environment = Map.of("MUSTER_ADMIN_PORT", "x", "MUSTER_LOGFORMAT", "json");
        InvalidConfig invalid = catchThrowableOfType(
                InvalidConfig.class, () -> ConfigLoader.load(file, environment, Loading.BASE_URIS));
        List<String> lines =
                invalid.violations().stream().map(Violation::toString).toList();
        assertThat(lines)
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("MUSTER_LOGFORMAT "),
                        line -> assertThat(line).startsWith("log.fromat "),
                        line -> assertThat(line).startsWith("server.port: 70000 (FILE " + file + ", line 2): "),
                        line -> assertThat(line).startsWith("admin.port: x "),
                        line -> assertThat(line).startsWith("deadline.reserve: PT1S "));
        assertThat(invalid).hasMessage(String.join("\n", lines));
    }
}
