package dev.muster.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.AnswerKind;
import dev.muster.testing.BackendNames;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docs/operations.md lists every metric, and clients cannot add series. */
class MetricsTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "operations.md");
    private static final Pattern CODE = Pattern.compile("`([^`]*)`");
    private static final String REQUESTS = "http_server_request_duration_seconds_count";

    private static EveryAnswer answers;
    private static Service service;
    private static CapturedLog log;
    private static List<List<String>> rows;

    @BeforeAll
    static void start() throws IOException {
        log = new CapturedLog();
        answers = new EveryAnswer();
        service = answers.service(AnswerKind.GOOD);
        for (AnswerKind kind : AnswerKind.values()) {
            // The log line is written after the request is counted.
            log.line(answers.ask(kind));
        }
        log.line(service.get("/profiles/ada", "Prefer: wait=soon"));
        rows = new ArrayList<>();
        String document = Files.readString(DOCUMENT);
        String metrics = document.substring(document.indexOf("## Metrics"), document.indexOf("## Health"));
        for (String line : metrics.lines().toList()) {
            if (line.startsWith("| `")) {
                rows.add(List.of(line.substring(2, line.length() - 2).split(" \\| ", -1)));
            }
        }
    }

    @AfterAll
    static void stop() {
        answers.close();
        log.close();
    }

    private static Set<String> codes(String cell) {
        return CODE.matcher(cell)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String name(List<String> row) {
        return codes(row.getFirst()).iterator().next();
    }

    /** Whether a metric is about the service rather than about its JVM and process. */
    private static boolean isOurs(String name) {
        return !name.startsWith("jvm_") && !name.startsWith("process_");
    }

    /** Rows of the service's own metrics: name, type, unit, labels, meaning. */
    private static List<List<String>> ours() {
        return rows.stream().filter(row -> row.size() == 5).toList();
    }

    @Test
    void theServicesMetricsAreThoseDocumentedWithTheirTypes() {
        Map<String, String> documented = new TreeMap<>();
        ours().forEach(row -> documented.put(name(row), row.get(1)));
        Map<String, String> scraped = new TreeMap<>(Scrape.of(service).types());
        scraped.keySet().removeIf(name -> !isOurs(name));

        assertThat(scraped).isEqualTo(documented);
    }

    @Test
    void theServicesMetricsHaveTheLabelsDocumented() {
        Scrape scrape = Scrape.of(service);
        for (List<String> row : ours()) {
            String name = name(row);
            boolean histogram = row.get(1).equals("histogram");
            List<Scrape.Sample> samples = scrape.samples(histogram ? name + "_count" : name, Map.of());

            assertThat(samples).as(name).isNotEmpty();
            assertThat(samples)
                    .allSatisfy(sample -> assertThat(sample.labels().keySet())
                            .containsExactlyInAnyOrderElementsOf(codes(row.get(3))));
        }
    }

    @Test
    void theServicesMetricsAreInTheUnitTheirNamesSay() {
        for (List<String> row : ours()) {
            assertThat(name(row).endsWith("_seconds"))
                    .as(name(row))
                    .isEqualTo(row.get(2).equals("seconds"));
        }
    }

    @Test
    void labelsHaveOnlyTheValuesDocumented() {
        Map<String, List<String>> documented = new HashMap<>();
        rows.stream().filter(row -> row.size() == 2).forEach(row -> documented.put(name(row), row));
        List<Scrape.Sample> samples = Scrape.of(service).samples().stream()
                .filter(sample -> isOurs(sample.name()))
                .toList();
        Set<String> used = new TreeSet<>();
        samples.forEach(sample -> sample.labels().forEach((label, value) -> {
            if (!label.equals("le")) {
                used.add(label);
                assertThat(documented).containsKey(label);
                String cell = documented.get(label).get(1);
                boolean isBackend = label.equals("backend");
                boolean closed = isBackend || cell.startsWith("`");
                boolean mayBeEmpty = cell.contains("; empty where");
                Collection<String> values = isBackend ? BackendNames.LABELS : codes(cell);
                assertThat(!closed || values.contains(value) || (mayBeEmpty && value.isEmpty()))
                        .as(label + "=" + value)
                        .isTrue();
            }
        }));
        assertThat(documented.keySet()).isEqualTo(used);
    }

    @Test
    void everyHistogramHasTheBucketsDocumented() throws IOException {
        Map<String, Set<String>> documented = new TreeMap<>();
        Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.startsWith("Buckets of `"))
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    codes(line.substring(0, colon)).forEach(name -> documented.put(name, codes(line.substring(colon))));
                });
        Map<String, Set<String>> scraped = new TreeMap<>();
        Scrape.of(service).samples().stream()
                .filter(sample -> sample.labels().containsKey("le"))
                .forEach(sample -> scraped.computeIfAbsent(
                                sample.name().replaceFirst("_bucket$", ""), _ -> new LinkedHashSet<>())
                        .add(sample.labels().get("le")));

        assertThat(scraped).isEqualTo(documented);
    }

    @Test
    void theMetricsOfJvmAndProcessAreThoseDocumented() {
        Map<String, String> documented = new TreeMap<>();
        Map<String, String> always = new TreeMap<>();
        boolean linux = System.getProperty("os.name").equals("Linux");
        rows.stream().filter(row -> row.size() == 3).forEach(row -> {
            documented.put(name(row), row.get(1));
            if (!row.get(2).contains("not before the first collection")
                    && (linux || !row.get(2).contains("On Linux only"))) {
                always.put(name(row), row.get(1));
            }
        });
        Map<String, String> scraped = new TreeMap<>(Scrape.of(service).types());
        scraped.keySet().removeIf(MetricsTest::isOurs);

        assertThat(documented).containsAllEntriesOf(scraped);
        assertThat(scraped).containsAllEntriesOf(always);
    }

    @Test
    void everySampleIsOfAMetricThatIsListed() {
        Scrape scrape = Scrape.of(service);
        assertThat(scrape.samples())
                .allSatisfy(sample -> assertThat(scrape.types().keySet())
                        .containsAnyOf(sample.name(), sample.name().replaceFirst("_(bucket|sum|count)$", "")));
    }

    @Test
    void everyRouteIsItsTemplate() {
        for (String path : List.of("/profiles/ada", "/profiles/a;b", "/openapi", "/problems", "/problems/bad-id")) {
            log.line(service.get(path));
        }

        Scrape scrape = Scrape.of(service);
        assertThat(scrape.samples(REQUESTS, Map.of()))
                .extracting(sample -> sample.labels().get("http_route"))
                .contains("/profiles/{id}", "/openapi", "/problems", "/problems/{type}", "")
                .doesNotContain("/profiles/ada", "/profiles/a;b", "/problems/bad-id");
    }

    @Test
    void theOutcomesOfCallsAreCounted() {
        Scrape scrape = Scrape.of(service);
        Map<String, String> expected = Map.of("user", "not-found", "posts", "unavailable", "friends", "success");
        expected.forEach((backend, outcome) -> assertThat(scrape.sum(
                        "http_client_request_duration_seconds_count", Map.of("backend", backend, "outcome", outcome)))
                .as(backend)
                .isPositive());
    }

    @Test
    void noRequestAddsASeriesOfItsOwn() {
        garbage(0);
        List<String> before = ownSeries(Scrape.of(service));
        for (int i = 1; i <= 100; i++) {
            garbage(i);
        }
        Scrape scrape = Scrape.of(service);

        assertThat(ownSeries(scrape)).hasSameElementsAs(before);
        assertThat(scrape.sum(REQUESTS, Map.of("http_request_method", "_OTHER", "http_route", "")))
                .isGreaterThan(100);
    }

    /** All series but the JVM's, some of which appear only after its first collection. */
    private static List<String> ownSeries(Scrape scrape) {
        return scrape.samples().stream()
                .filter(sample -> !sample.name().startsWith("jvm_"))
                .map(sample -> sample.name() + sample.labels())
                .toList();
    }

    /** Sends requests that differ in everything a client can choose. */
    private static void garbage(int i) {
        try (RawConnection connection = new RawConnection(service.port())) {
            String header = " HTTP/1.1\r\nHost: h" + i + "\r\nUser-Agent: u" + i + "\r\n\r\n";
            connection.sendRaw("BREW" + i + " /pot" + i + header + "GET /pot" + i + "?q=" + i + header
                    + "GET /profiles/no;" + i + header + "GET /problems/p" + i + header + "BREW" + i + " /openapi"
                    + header
                    + "nonsense" + i + "\r\n\r\n");
            for (int status : new int[] {501, 404, 400, 404, 501, 400}) {
                RawConnection.Response response = connection.read("GET");
                assertThat(response.status()).isEqualTo(status);
                log.line(response);
            }
        }
    }
}
