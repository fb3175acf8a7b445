package dev.muster.deploy;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import dev.muster.demo.DemoBackends;
import dev.muster.deploy.Compose.Query;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Everything on the dashboard and in the alerts can be seen when it happens. The service runs with the compose file's
 * environment and backends, under the compose file's Prometheus. The test causes everything once. A query with no value
 * above zero by then is wrong, or is not caused here.
 */
@Tag("prometheus")
class ComposePrometheusTest {
    /** Little room, so that it is soon full. */
    private static final Map<String, String> TIGHT = Map.ofEntries(
            Map.entry("MUSTER_SERVER_MAX_REQUESTS", "12"),
            Map.entry("MUSTER_CONNECTION_MAX_CONNECTIONS", "20"),
            Map.entry("MUSTER_BACKENDS_MAX_CONNECTIONS", "1"),
            Map.entry("MUSTER_BULK_WORKERS", "1"),
            Map.entry("MUSTER_BULK_MAX_IDS", "10"),
            Map.entry("MUSTER_BULK_MAX_QUEUED", "10"));

    /** Room for an answer that a slow reader cannot read within the time of a stop. */
    private static final Map<String, String> ROOMY =
            Map.of("MUSTER_BACKENDS_POSTS_MAX_BODY", Integer.toString(16 << 20));

    /** Ids of users with the most posts that a backend may answer. */
    private static final List<String> LARGE = Instance.ids("large", 60);

    /** Ids of users that together take as long as a batch may. */
    private static final List<String> LONG = Instance.ids("slow", 1000);

    private static final int HUGE = 8 << 20;

    private static final int ABANDONED = 75;

    /** The shortest interval that Grafana uses at this scrape interval. */
    private static final String RATE_INTERVAL = "4s";

    @TempDir
    static Path directory;

    private static DemoBackends people;
    private static WireMockServer backends;
    private static Instance instance;
    private static Instance tight;
    private static PrometheusServer prometheus;
    private static long begun;
    private static long calm;
    private static int exitCode;

    @BeforeAll
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    static void haveItAllHappen() throws IOException {
        startBackends();
        instance = Instance.start(Child.logIn(directory, "instance"), backends.baseUrl(), ROOMY);
        tight = Instance.start(Child.logIn(directory, "tight"), backends.baseUrl(), TIGHT);
        instance.awaitServing();
        tight.awaitServing();
        prometheus = PrometheusServer.start(directory, List.of(instance, tight));
        begun = Instant.now().getEpochSecond();
        try (Traffic traffic = new Traffic()) {
            traffic.good(instance);
            awaitScrapes(3);
            calm = Instant.now().getEpochSecond();
            traffic.bad(instance);
            traffic.tooMuch(tight);
            traffic.oversleep(instance);
            traffic.withoutFiles(tight);
            awaitScrapes(12);
            traffic.end();
            traffic.readSlowly(instance, "huge");
            traffic.readSlowly(instance, LARGE);
            traffic.readSlowly(instance, LONG);
            instance.process.awaitUntil(
                    "results wait for the client", () -> instance.metric("muster_bulk_buffered_bytes") > 1e6);
            instance.process.signal("TERM");
            tight.process.signal("KILL");
            exitCode = instance.process.exitCode();
        }
        prometheus.process.awaitUntil(
                "both instances are down", () -> prometheus.now("up == 0").size() == 2);
    }

    private static void startBackends() throws IOException {
        people = DemoBackends.start("127.0.0.1", 0);
        backends = new WireMockServer(options()
                .dynamicPort()
                .bindAddress("127.0.0.1")
                .containerThreads(200)
                .disableRequestJournal());
        backends.start();
        Compose.mappings().stream()
                .map(mapping -> mapping.replace(Compose.PEOPLE, people.baseUri()))
                .map(StubMapping::buildFrom)
                .forEach(backends::addStubMapping);
        String post = "[{\"id\":\"1\",\"body\":\"%s\"}]".formatted("x".repeat(1_000_000));
        backends.stubFor(get(urlPathEqualTo("/posts"))
                .withQueryParam("userId", matching("large-.*"))
                .atPriority(1)
                .willReturn(okJson(post)));
        backends.stubFor(get(urlPathEqualTo("/posts"))
                .withQueryParam("userId", equalTo("huge"))
                .atPriority(1)
                .willReturn(okJson("[{\"id\":\"1\",\"body\":\"%s\"}]".formatted("x".repeat(HUGE)))));
    }

    private static void awaitScrapes(int count) {
        String scrapes = "min(count_over_time(up{job=\"muster\"}[5m])) >= " + count;
        prometheus.process.awaitUntil(
                count + " scrapes", () -> !prometheus.now(scrapes).isEmpty());
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable each : new AutoCloseable[] {prometheus, instance, tight}) {
            close(each);
        }
        backends.stop();
        people.close();
    }

    private static void close(AutoCloseable each) {
        try {
            if (each != null) {
                each.close();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<Query> dashboardQueries() {
        return Compose.dashboardQueries();
    }

    private static List<Query> alertQueries() {
        return Compose.alertQueries();
    }

    private static List<JsonNode> seriesOf(String expression) {
        String plain = expression.replace("$__rate_interval", RATE_INTERVAL).replace("$instance", ".*");
        assertThat(plain).doesNotContain("$");
        return prometheus.between(plain, begun, Instant.now().getEpochSecond());
    }

    private static boolean isSomething(JsonNode series) {
        return series.path("values")
                .valueStream()
                .mapToDouble(
                        value -> Double.parseDouble(value.path(1).asString().replace("Inf", "Infinity")))
                .anyMatch(value -> value > 0 && Double.isFinite(value));
    }

    @ParameterizedTest
    @MethodSource("dashboardQueries")
    void whatTheDashboardAsksForIsThere(Query query) {
        assertThat(seriesOf(query.expression())).as(query.toString()).anyMatch(ComposePrometheusTest::isSomething);
    }

    @ParameterizedTest
    @MethodSource("alertQueries")
    void whatAnAlertLooksForIsSeenWhenItHappens(Query query) {
        assertThat(seriesOf(query.expression())).as(query.toString()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("alertQueries")
    void noAlertLooksForWhatIsThereWhileAllIsWell(Query query) {
        assertThat(prometheus.between(query.expression(), calm, calm))
                .as(query.toString())
                .isEmpty();
    }

    @Test
    void everyReasonToRefuseIsSeen() {
        String refusing = alertQueries().stream()
                .filter(query -> query.where().equals("MusterRefusing"))
                .map(Query::expression)
                .findFirst()
                .orElseThrow();

        assertThat(seriesOf(refusing))
                .extracting(series -> series.at("/metric/reason").asString())
                .contains("max-requests", "deadline", "queue", "refused");
    }

    @Test
    void everyCauseOfACancellationIsSeen() {
        assertThat(seriesOf("muster_cancellations_total > 0"))
                .extracting(series -> series.at("/metric/cause").asString())
                .contains("sibling-failed", "deadline", "client-gone", "shutdown");
    }

    @Test
    void aShutdownThatAbandonsARequestIsSeenInItsLastPhase() {
        assertThat(exitCode).as(instance.process.output()).isEqualTo(ABANDONED);
        assertThat(seriesOf("muster_shutdown_phase == 1")).hasSize(1);
        assertThat(seriesOf("muster_shutdown_phase == 3")).hasSize(1);
    }

    @Test
    void prometheusEvaluatesEveryRule() {
        List<JsonNode> rules = prometheus
                .rules()
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream())
                .toList();

        assertThat(rules)
                .hasSameSizeAs(Compose.rules().toList())
                .allSatisfy(rule -> assertThat(rule.path("health").asString()).isEqualTo("ok"));
    }
}
