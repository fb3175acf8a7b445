package dev.muster.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.AppConfig;
import dev.muster.config.AppConfig.DemoConfig;
import dev.muster.config.AppConfig.LogFormat;
import dev.muster.config.AppConfig.ShutdownConfig;
import dev.muster.config.BackendName;
import dev.muster.config.ConfigLoader;
import dev.muster.config.InvalidConfig;
import dev.muster.deploy.Compose.Query;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The files of deploy/compose fit each other, the service and its documents. */
class ComposeTest {
    private static final Path OPERATIONS = Compose.REPOSITORY.resolve("docs/operations.md");

    private static final Dockerfile IMAGES = Dockerfile.at(Compose.DIRECTORY.resolve("Dockerfile"));

    /** The time for the end of the JVM (docs/shutdown.md). */
    private static final Duration EXIT = Duration.ofSeconds(2);

    private static AppConfig config() throws InvalidConfig {
        return ConfigLoader.load(null, Compose.environment("muster"), Map.of()).config();
    }

    private static Duration duration(String text) {
        return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }

    private static Duration scrapeInterval() {
        return duration(Compose.prometheus().at("/global/scrape_interval").asString());
    }

    private static Stream<Map.Entry<String, JsonNode>> services() {
        return Compose.file().path("services").propertyStream();
    }

    private static Stream<String> strings(JsonNode list) {
        return list.valueStream().map(JsonNode::asString);
    }

    @Test
    void theServiceTakesItsEnvironment() throws InvalidConfig {
        AppConfig config = config();

        assertThat(config.log().format()).isEqualTo(LogFormat.JSON);
        assertThat(config.backends().values())
                .allSatisfy(backend -> assertThat(backend.baseUri().getHost()).isEqualTo("wiremock"));
        assertThat(Compose.environment("muster").keySet()).allMatch(name -> name.startsWith("MUSTER_"));
    }

    @Test
    void wireMockHandsCallsOnToTheDemoBackendsAndIsHealthyOnlyIfTheyAnswer() throws InvalidConfig {
        DemoConfig demo = ConfigLoader.load(
                        null, Compose.environment("people"), Map.of("backends.base-uri", "http://any"))
                .config()
                .demo();
        String check = Compose.service("wiremock").at("/healthcheck/test").toString();

        assertThat(demo.host()).isEqualTo("0.0.0.0");
        assertThat(Compose.PEOPLE).isEqualTo("http://people:" + demo.port());
        assertThat(Compose.mappings())
                .filteredOn(mapping -> mapping.contains("\"proxyBaseUrl\": \"" + Compose.PEOPLE + "\""))
                .hasSize(1);
        assertThat(strings(Compose.service("people").path("command"))).containsExactly("backends");
        assertThat(check).contains("curl", "-f", "http://127.0.0.1:8080" + BackendName.USER.resource("ada"));
    }

    @Test
    void onlyTheServiceReachesWireMockAndOnlyWireMockTheDemoBackends() {
        assertThat(Compose.file().at("/networks/backends/internal").asBoolean()).isTrue();
        assertThat(strings(Compose.service("people").path("networks"))).containsExactly("backends");
        assertThat(strings(Compose.service("wiremock").path("networks"))).containsExactly("backends");
        assertThat(services()
                        .filter(service ->
                                strings(service.getValue().path("networks")).anyMatch("backends"::equals))
                        .map(Map.Entry::getKey))
                .containsExactly("muster", "people", "wiremock");
    }

    @Test
    void dockerWaitsForAsLongAsAShutdownTakes() throws InvalidConfig {
        String grace = Compose.service("muster").path("stop_grace_period").asString();

        assertThat(duration(grace)).isEqualTo(config().shutdown().inAll().plus(EXIT));
    }

    @Test
    void aShutdownIsLongEnoughToBeSeen() throws InvalidConfig {
        ShutdownConfig shutdown = config().shutdown();

        assertThat(shutdown.lameDuck()).isGreaterThan(scrapeInterval());
        assertThat(shutdown.cancel()).isGreaterThan(scrapeInterval());
    }

    @Test
    void aDrainIsSlowThatLastsLongerThanIdleOnesAndIsSureToBeSeenIfItIsCutShort() throws InvalidConfig {
        ShutdownConfig shutdown = config().shutdown();
        String rule = Compose.alertQueries().stream()
                .filter(query -> query.where().equals("MusterDrainSlow"))
                .map(Query::expression)
                .findFirst()
                .orElseThrow();
        MatchResult offset = Pattern.compile("offset (\\w+)")
                .matcher(rule)
                .results()
                .findFirst()
                .orElseThrow();
        Duration slow = duration(offset.group(1));

        assertThat(slow).isGreaterThan(shutdown.lameDuck().plus(shutdown.linger()));
        assertThat(slow.plus(scrapeInterval())).isLessThan(shutdown.lameDuck().plus(shutdown.drain()));
    }

    @Test
    void prometheusReadsTheAdminPortOfTheService() throws InvalidConfig {
        List<String> targets = Compose.prometheus()
                .at("/scrape_configs/0/static_configs/0/targets")
                .valueStream()
                .map(JsonNode::asString)
                .toList();

        assertThat(targets).containsExactly("muster:" + config().admin().port());
        assertThat(Compose.prometheus().at("/scrape_configs/0/job_name").asString())
                .isEqualTo("muster");
        assertThat(strings(Compose.prometheus().path("rule_files")))
                .containsExactly(Compose.RULES.getFileName().toString());
    }

    /** The containers' users could not read files mounted from a clone made under umask 077. */
    @Test
    void nothingOfTheCloneIsMounted() {
        List<String> mounts = services()
                .flatMap(service -> strings(service.getValue().path("volumes")))
                .toList();

        assertThat(mounts).containsExactly("prometheus-data:/prometheus");
    }

    @Test
    void whatContainersReadIsCopiedForEverybodyToRead() {
        assertThat(IMAGES.all("COPY")).hasSizeGreaterThan(5).allMatch(copy -> copy.startsWith("--chmod=755 "));
        assertThat(IMAGES.copied())
                .containsExactlyInAnyOrderElementsOf(
                        Dockerfile.sent(Compose.DIRECTORY.resolve("Dockerfile.dockerignore")))
                .allSatisfy(
                        source -> assertThat(Compose.REPOSITORY.resolve(source)).exists());
    }

    @Test
    void imagesAreBuiltWithEveryStartEachOnceFromItsStage() {
        assertThat(services()
                        .filter(service -> service.getValue().has("build"))
                        .map(service -> service.getValue().path("image").asString()))
                .doesNotHaveDuplicates()
                .containsAll(services()
                        .map(service -> service.getValue().path("image").asString())
                        .toList());
        assertThat(services()).allSatisfy(service -> {
            JsonNode build = service.getValue().path("build");
            assertThat(service.getValue().path("pull_policy").asString())
                    .isEqualTo(build.isMissingNode() ? "never" : "build");
            if (!service.getValue().path("image").asString().equals("muster:local")) {
                assertThat(build.path("dockerfile").asString()).isEqualTo("deploy/compose/Dockerfile");
                assertThat(build.path("target").asString()).isEqualTo(service.getKey());
                assertThat(IMAGES.all("FROM")).anyMatch(from -> from.endsWith(" AS " + service.getKey()));
            }
        });
    }

    @Test
    void onlyThisMachineReachesTheContainers() {
        List<String> ports = services()
                .flatMap(service -> strings(service.getValue().path("ports")))
                .toList();

        assertThat(ports).isNotEmpty().allMatch(port -> port.startsWith("127.0.0.1:"));
    }

    @Test
    void noContainerHasPrivilegesOrWritesToItsFileSystem() {
        assertThat(services()).hasSize(6).allSatisfy(service -> {
            assertThat(service.getValue().path("read_only").asBoolean())
                    .as(service.getKey())
                    .isTrue();
            assertThat(strings(service.getValue().path("cap_drop")))
                    .as(service.getKey())
                    .containsExactly("ALL");
            assertThat(strings(service.getValue().path("security_opt")))
                    .as(service.getKey())
                    .containsExactly("no-new-privileges:true");
        });
    }

    @Test
    void theImagesAreOfTheVersionsThatAreTestedHere() {
        String pom = Compose.text(Compose.REPOSITORY.resolve("pom.xml"));
        String goMod = Compose.text(Compose.REPOSITORY.resolve("loadtest/k6/go.mod"));

        assertThat(pom).contains("<wiremock.version>" + tag("wiremock") + "</wiremock.version>");
        assertThat(goMod).contains("go.k6.io/k6/v2 v" + tag("k6"));
    }

    private static String tag(String service) {
        return IMAGES.all("FROM").stream()
                .filter(from -> from.endsWith(" AS " + service))
                .map(from -> from.substring(from.indexOf(':') + 1, from.indexOf(' ')))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyMetricThatIsAskedForIsDocumented() {
        Set<String> known = documentedMetrics();
        known.add("up");
        Compose.rules().map(rule -> rule.path("record").asString("")).forEach(known::add);
        List<Query> queries = new ArrayList<>(Compose.dashboardQueries());
        Compose.rules()
                .map(rule -> new Query(
                        rule.path("alert").asString(rule.path("record").asString("")),
                        rule.path("expr").asString()))
                .forEach(queries::add);

        assertThat(queries)
                .hasSizeGreaterThan(50)
                .allSatisfy(query -> assertThat(metrics(query.expression()))
                        .as(query.toString())
                        .isNotEmpty()
                        .isSubsetOf(known));
    }

    /** The metrics in the tables of docs/operations.md, with the series of each histogram or summary. */
    private static Set<String> documentedMetrics() {
        Set<String> names = new HashSet<>();
        Pattern.compile("^\\| `(\\w+)` \\| (\\w+) \\|", Pattern.MULTILINE)
                .matcher(Compose.text(OPERATIONS))
                .results()
                .forEach(row -> {
                    List<String> series = switch (row.group(2)) {
                        case "histogram" -> List.of("_bucket", "_sum", "_count");
                        case "summary" -> List.of("_sum", "_count");
                        default -> List.of("");
                    };
                    series.forEach(suffix -> names.add(row.group(1) + suffix));
                });
        return names;
    }

    /** The metrics in an expression: the words that are not labels, durations, functions or operators. */
    private static Set<String> metrics(String expression) {
        String bare = expression
                .replaceAll("\\{[^}]*}", "")
                .replaceAll("\\[[^]]*]", "")
                .replaceAll("\\b(by|on) \\([^)]*\\)", "")
                .replaceAll("\\boffset \\w+", "")
                .replaceAll("\\b(and|or|unless)\\b", "");
        return Pattern.compile("[a-zA-Z_:][\\w:]*+(?! *\\()")
                .matcher(bare)
                .results()
                .map(MatchResult::group)
                .filter(word -> !Set.of("sum", "max").contains(word))
                .collect(Collectors.toSet());
    }

    @Test
    void everyAlertSaysHowBadItIsAndWhatToDo() {
        Set<String> headings = Compose.text(OPERATIONS)
                .lines()
                .filter(line -> line.startsWith("### "))
                .map(line -> line.substring("### ".length()))
                .collect(Collectors.toSet());

        assertThat(Compose.alerts()).hasSizeGreaterThan(6).allSatisfy(alert -> {
            String name = alert.path("alert").asString();
            assertThat(headings).contains(name);
            assertThat(alert.at("/annotations/runbook").asString())
                    .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
            assertThat(alert.at("/labels/severity").asString()).isIn("critical", "warning");
            assertThat(alert.at("/annotations/summary").asString()).isNotBlank();
            assertThat(alert.at("/annotations/description").asString()).isNotBlank();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyAlertIsTestedToFireAndNotTo(boolean fires) {
        Set<String> tested = Stream.of("rules.test.yml", "rules.hours.test.yml")
                .map(file ->
                        Compose.yaml(Compose.DIRECTORY.resolve("prometheus").resolve(file)))
                .flatMap(file -> file.path("tests").valueStream())
                .flatMap(test -> test.path("alert_rule_test").valueStream())
                .filter(test -> test.path("exp_alerts").isEmpty() != fires)
                .map(test -> test.path("alertname").asString())
                .collect(Collectors.toSet());

        assertThat(Compose.alertQueries()).extracting(Query::where).isSubsetOf(tested);
    }

    @Test
    void theDashboardAsksThePrometheusThatIsProvisioned() {
        JsonNode source = Compose.yaml(Compose.DIRECTORY.resolve("grafana/provisioning/datasources/prometheus.yaml"))
                .at("/datasources/0");

        assertThat(source.path("url").asString()).isEqualTo("http://prometheus:9090");
        assertThat(duration(source.at("/jsonData/timeInterval").asString())).isEqualTo(scrapeInterval());
        assertThat(Compose.dashboard().findValues("datasource"))
                .hasSizeGreaterThan(30)
                .allSatisfy(used -> assertThat(used.path("uid").asString())
                        .isEqualTo(source.path("uid").asString()));
    }

    @Test
    void theDashboardIsWhereGrafanaLooksForIt() {
        String home = Compose.environment("grafana").get("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH");
        String provider = Compose.yaml(Compose.DIRECTORY.resolve("grafana/provisioning/dashboards/muster.yaml"))
                .at("/providers/0/options/path")
                .asString();

        assertThat(home).startsWith(provider + "/");
        assertThat(Files.exists(Compose.DIRECTORY.resolve("grafana/dashboards" + home.substring(provider.length()))))
                .isTrue();
        assertThat(IMAGES.all("COPY"))
                .contains(
                        "--chmod=755 deploy/compose/grafana/dashboards " + provider,
                        "--chmod=755 deploy/compose/grafana/provisioning /etc/grafana/provisioning");
    }

    @Test
    void panelsSayWhatToLookForAndDoNotOverlap() {
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> taken = new HashSet<>();
        assertThat(Compose.dashboard().path("panels").valueStream()).allSatisfy(panel -> {
            String title = panel.path("title").asString();
            assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
            if (!panel.path("type").asString().equals("row")) {
                assertThat(panel.path("description").asString()).as(title).isNotBlank();
            }
            JsonNode at = panel.path("gridPos");
            int right = at.path("x").asInt() + at.path("w").asInt();
            assertThat(right).as(title).isLessThanOrEqualTo(24);
            for (int x = at.path("x").asInt(); x < right; x++) {
                for (int y = at.path("y").asInt();
                        y < at.path("y").asInt() + at.path("h").asInt();
                        y++) {
                    assertThat(taken.add(List.of(x, y))).as(title).isTrue();
                }
            }
        });
    }
}
