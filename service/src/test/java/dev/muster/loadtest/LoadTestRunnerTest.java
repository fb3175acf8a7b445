package dev.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.Signals;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line, verdict, reports and end of {@code loadtest/run}, with a scripted k6. */
class LoadTestRunnerTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private static final String KEPT = "smoke\tchecks that hold\t== 100 %\t100 %\tkept";
    private static final String BROKEN = "smoke\t<\"checks\" & \\others>\t== 100 %\t99.000 %\tBROKEN";

    /** Links to all commands on the PATH but k6 and Go. Not a {@link TempDir}, which warns of each link. */
    private static Path tools;

    /** A copy of the scripts, without their output. */
    @TempDir
    private static Path tree;

    @TempDir
    private Path bin;

    @TempDir
    private Path temporary;

    private FakeBackend target;

    @BeforeAll
    static void copy() throws IOException {
        tools = Files.createTempDirectory("tools");
        for (String directory : System.getenv("PATH").split(":", -1)) {
            for (Path tool : list(Path.of(directory))) {
                Path link = tools.resolve(tool.getFileName());
                if (!link.endsWith("k6") && !link.endsWith("go") && !Files.isSymbolicLink(link)) {
                    Files.createSymbolicLink(link, tool);
                }
            }
        }
        for (String directory : List.of("loadtest", "loadtest/k6", "loadtest/k6/lib", "loadtest/k6/tests")) {
            Files.createDirectories(tree.resolve(directory));
            for (Path file : list(REPOSITORY.resolve(directory))) {
                if (Files.isRegularFile(file)) {
                    Files.copy(file, tree.resolve(directory).resolve(file.getFileName()));
                }
            }
        }
    }

    @AfterAll
    static void unlink() throws IOException {
        for (Path link : list(tools)) {
            Files.delete(link);
        }
        Files.delete(tools);
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    @BeforeEach
    void serve() {
        target = FakeBackend.start(call -> call.json("{}"));
    }

    @AfterEach
    void stopServing() {
        target.close();
    }

    /** Puts a command on the PATH, before all others. */
    private void install(String name, String script) throws IOException {
        Path file = bin.resolve(name);
        Files.writeString(file, "#!/usr/bin/env bash\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Puts a k6 on the PATH that runs a script instead of a test. */
    private void installK6(String script) throws IOException {
        install("k6", "[ \"$1\" != version ] || { echo 'k6 v2.0.0'; exit; }\necho 'running (0s)'\n" + script);
    }

    /** Puts a k6 on the PATH that ends with an exit code, and leaves promises. */
    private void installK6(int exit, String... promises) throws IOException {
        Path rows = Files.write(bin.resolve("promises.tsv"), List.of(promises));
        installK6("cp '%s' \"$LOAD_OUT\"; echo '{}' >\"$LOAD_OUT/k6.json\"; exit %d".formatted(rows, exit));
    }

    private Process start(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(Signals.asInATerminal(command)).directory(tree.toFile());
        builder.environment().put("PATH", bin + ":" + tools);
        builder.environment().put("TMPDIR", temporary.toString());
        builder.environment().putAll(environment);
        try {
            return builder.redirectOutput(bin.resolve("out").toFile())
                    .redirectError(bin.resolve("err").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Ended end(Process process) throws IOException {
        int exit = Await.result(process.onExit()).exitValue();
        return new Ended(exit, Files.readString(bin.resolve("out")), Files.readString(bin.resolve("err")));
    }

    private Ended run(String... arguments) throws IOException {
        return run(Map.of(), arguments);
    }

    private Ended run(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("loadtest/run"));
        command.addAll(List.of(arguments));
        return end(start(command, environment));
    }

    private Ended load(String test, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(test, "--target", target.baseUri()));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private static String report(String name) throws IOException {
        return Files.readString(tree.resolve("loadtest/reports").resolve(name));
    }

    private static Element junit(String test) throws Exception {
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(report(test + "/junit.xml"))));
        return document.getDocumentElement();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                      | name a test: one of ",
                "nothing                                 | unknown test 'nothing'; allowed: ",
                "smok                                    | unknown test 'smok'; allowed: ",
                "--lists                                 | unknown test '--lists'; allowed: ",
                "smoke --target                          | --target needs a value",
                "smoke --target localhost:8080           | bad --target 'localhost:8080'; allowed: http or https URLs",
                "smoke --target http://a:b@localhost     | bad --target 'http://a:b@localhost'; allowed: ",
                "smoke --target http://localhost/?a=b    | bad --target 'http://localhost/?a=b'; allowed: ",
                "smoke --target ftp://localhost          | bad --target 'ftp://localhost'; allowed: ",
                "smoke --target http://h --admin 9       | bad --admin '9'; allowed: ",
                "smoke --admin http://h                  | --admin without --target",
                "smoke --rate 0                          | bad --rate '0'; allowed: 1 to 100000",
                "smoke --rate 100001                     | bad --rate '100001'; allowed: 1 to 100000",
                "smoke --rate 1.5                        | bad --rate '1.5'; allowed: 1 to 100000",
                "smoke --duration 10                     | bad --duration '10'; allowed: ",
                "smoke --duration 0s                     | bad --duration '0s'; allowed: ",
                "smoke --duration 10s1m                  | bad --duration '10s1m'; allowed: ",
                "smoke --ids nowhere                     | bad --ids 'nowhere'; allowed: ",
                "smoke --ids loadtest/run                | bad --ids 'loadtest/run': line 1; allowed: ",
                "smoke --header secret                   | bad --header: allowed is 'Name: value'",
                "smoke --cacert loadtest/run             | bad --cacert 'loadtest/run'; allowed: ",
                "smoke --threshold p95=300               | bad --threshold 'p95=300'; allowed: ",
                "smoke --threshold p49=1s                | bad --threshold 'p49=1s'; allowed: ",
                "smoke --threshold min=1s                | bad --threshold 'min=1s'; allowed: ",
                "deadlines --late 300ms                  | bad --late '300ms'; allowed: 100ms, 250ms, 500ms, 1s",
                "smoke --loud yes                        | unknown argument '--loud'",
                "smoke again                             | unknown argument 'again'",
                "faults --target http://h                | faults needs backends that it may break",
                "shutdown --target http://h              | shutdown needs instances that it may stop",
                "shutdown --duration 29s                 | bad --duration '29s'; allowed for shutdown: 30s or more",
                "clients-gone --target http://h          | clients-gone needs --admin beside --target",
            })
    void badCommandLineIsRefusedInOneLine(String arguments, String message) throws IOException {
        Ended ended = run(arguments.isEmpty() ? new String[0] : arguments.split(" +", -1));

        assertThat(ended.exit()).as(ended.err()).isEqualTo(64);
        assertThat(ended.err()).startsWith("loadtest/run: " + message).containsOnlyOnce("\n");
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void neitherK6NorGoIsNamedInOneLine() throws IOException {
        Ended ended = load("smoke");

        assertThat(ended.exit()).isEqualTo(69);
        assertThat(ended.err()).isEqualTo("loadtest/run: needs go: k6 2 or later is not on the PATH; install either\n");
    }

    @Test
    void olderK6IsNone() throws IOException {
        install("k6", "echo 'k6 v1.7.1 (go1.26)'");

        assertThat(load("smoke").exit()).isEqualTo(69);
    }

    @Test
    void eachTestIsListedInALine() throws IOException {
        Ended ended = run("--list");

        assertThat(ended.exit()).isZero();
        assertThat(ended.out().lines().map(line -> line.split(" +", 2)[0]))
                .containsExactlyElementsOf(list(tree.resolve("loadtest/k6/tests")).stream()
                        .map(file -> file.getFileName().toString().replace(".js", ""))
                        .sorted()
                        .toList());
        assertThat(ended.out().lines()).allMatch(line -> line.length() > "breakpoint    ".length());
    }

    @Test
    void keptPromisesAreZero() throws Exception {
        installK6(0, KEPT);

        Ended ended = load("smoke");

        assertThat(ended.exit()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("checks that hold").contains("reports: loadtest/reports/smoke/");
        assertThat(report("smoke/table.txt")).contains("checks that hold");
        assertThat(junit("smoke").getAttribute("failures")).isEqualTo("0");
        JsonNode summary = JsonMapper.shared().readTree(report("smoke/summary.json"));
        assertThat(summary.required("kept").asBoolean()).isTrue();
        assertThat(summary.required("target").asString()).isEqualTo(target.baseUri());
    }

    @Test
    void brokenPromiseIsOneAndInEveryReport() throws Exception {
        installK6(99, KEPT, BROKEN);

        Ended ended = load("smoke");

        assertThat(ended.exit()).isEqualTo(1);
        assertThat(ended.err()).endsWith("loadtest/run: not everything that was promised was kept\n");
        Element suite = junit("smoke");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        Element failure = (Element) suite.getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("message")).isEqualTo("measured: 99.000 %");
        assertThat(((Element) failure.getParentNode()).getAttribute("name"))
                .isEqualTo("<\"checks\" & \\others> == 100 %");
        JsonNode summary = JsonMapper.shared().readTree(report("smoke/summary.json"));
        assertThat(summary.required("kept").asBoolean()).isFalse();
        assertThat(summary.required("promises").get(1).required("what").asString())
                .isEqualTo("<\"checks\" & \\others>");
        assertThat(summary.required("promises").get(1).required("result").asString())
                .isEqualTo("broken");
    }

    @Test
    void warningBreaksNothing() throws Exception {
        installK6(0, KEPT, "deadlines\tlateness\t< 100 ms\t200 ms\twarning");

        Ended ended = load("deadlines");

        assertThat(ended.exit()).as(ended.err()).isZero();
        assertThat(ended.out()).containsPattern("lateness .* warning");
        assertThat(junit("deadlines").getAttribute("failures")).isEqualTo("0");
        assertThat(report("deadlines/summary.json")).contains("\"result\":\"warning\"");
    }

    /** Even if it left only kept promises. */
    @ParameterizedTest
    @ValueSource(ints = {1, 107, 137})
    void failureOfK6IsNoVerdict(int exit) throws IOException {
        installK6(exit, KEPT);

        Ended ended = load("smoke");

        assertThat(ended.exit()).isEqualTo(1);
        assertThat(ended.err()).endsWith("loadtest/run: k6 failed with exit code " + exit + "\n");
    }

    @Test
    void noPromiseAtAllIsNotKept() throws IOException {
        installK6(0);

        assertThat(load("smoke").exit()).isEqualTo(1);
    }

    @Test
    void adminPortThatIsNotTheServicesIsFound() throws IOException {
        installK6(0, KEPT);

        Ended ended = load("clients-gone", "--admin", target.baseUri());

        assertThat(ended.exit()).isEqualTo(1);
        assertThat(ended.err())
                .isEqualTo("loadtest/run: no metrics of the service at " + target.baseUri() + "/metrics\n");
    }

    @Test
    void valuesOfHeadersAreInNoReport() throws IOException {
        installK6("""
            echo "smoke\tall\t== 1\t1\tkept" >"$LOAD_OUT/promises.tsv"
            echo '{}' >"$LOAD_OUT/k6.json"
            printf '%s' "$LOAD_HEADERS" >'BIN/headers'
            """.replace("BIN", bin.toString()));

        Ended ended = load("smoke", "--header", "Authorization: Bearer s3cr3t", "--header", "X-Quoted: \"a\\b\"");

        assertThat(ended.exit()).as(ended.err()).isZero();
        JsonNode headers = JsonMapper.shared().readTree(Files.readString(bin.resolve("headers")));
        assertThat(headers.required("Authorization").asString()).isEqualTo("Bearer s3cr3t");
        assertThat(headers.required("X-Quoted").asString()).isEqualTo("\"a\\b\"");
        assertThat(target.calls().getFirst().headers("Authorization")).containsExactly("Bearer s3cr3t");
        assertThat(ended.out() + ended.err()).doesNotContain("s3cr3t");
        for (Path file : list(tree.resolve("loadtest/reports/smoke"))) {
            assertThat(Files.readString(file)).doesNotContain("s3cr3t");
        }
    }

    @Test
    void onlyTheCommandLineSaysWhatIsTested() throws IOException {
        installK6("env >'BIN/env'; exit 1".replace("BIN", bin.toString()));

        run(
                Map.of("K6_NO_THRESHOLDS", "true", "K6_VUS", "1", "K6_OUT", "json", "LOAD_RATE", "9", "LOAD_IDS", "x"),
                "smoke",
                "--target",
                target.baseUri(),
                "--duration",
                "9s");

        assertThat(Files.readAllLines(bin.resolve("env")))
                .contains("K6_OUT=json", "LOAD_DURATION=9s", "LOAD_TARGET=" + target.baseUri())
                .noneMatch(line -> line.matches("(K6_NO_THRESHOLDS|K6_VUS|LOAD_RATE|LOAD_IDS)=.*"));
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
    void nothingIsLeftAfterASignal(String signal, int exit) throws IOException {
        Path running = bin.resolve("running");
        installK6("echo $$ >'%1$s.new'; mv '%1$s.new' '%1$s'; sleep 600".formatted(running));
        Process runner = start(List.of("loadtest/run", "smoke", "--target", target.baseUri()), Map.of());
        Await.until("k6 is running", () -> Files.exists(running));
        ProcessHandle k6 = ProcessHandle.of(
                        Long.parseLong(Files.readString(running).strip()))
                .orElseThrow();

        Process kill = new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + runner.pid()).start();
        Await.result(kill.onExit());

        assertThat(end(runner).exit()).isEqualTo(exit);
        assertThat(k6.isAlive()).isFalse();
        assertThat(list(temporary)).isEmpty();
    }

    @Test
    void portThatIsTakenIsPassedOver() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ended ended = end(start(
                    List.of(
                            "bash",
                            "-c",
                            ". loadtest/service.sh; declare -A port; next_port=" + taken.getLocalPort()
                                    + "; choose_port one; echo ${port[one]}"),
                    Map.of()));

            assertThat(Integer.parseInt(ended.out().strip())).as(ended.err()).isGreaterThan(taken.getLocalPort());
        }
    }

    /** Samples: milliseconds, CPU time of k6, idle and stolen time of two cores. Then three results in percent. */
    @ParameterizedTest
    @CsvSource({
        "0,                                                                      0, 0, 0",
        "0/0/0/0 1000/1000/500/500,                                             50, 0, 0",
        "0/0/0/0 1000/1700/10/0,                                                85, 100, 0",
        "0/0/0/0 2000/0/4000/0 5000/0/9000/1000 10000/10000/9000/1000 20000/10000/29000/1000, 100, 25, 10",
        "0/0/0/0 3000/6000/0/0 6000/6000/6000/0 9000/6000/12000/0,              50, 33, 0",
        "0/0/0/500 5000/0/5000/1500 10000/0/5000/6500 15000/0/10000/6500,        0, 33, 50",
    })
    void generatorIsJudgedByItsBusiestTime(String samples, int busiest, int full, int stolen) throws IOException {
        install("nproc", "echo 2");
        Files.writeString(
                temporary.resolve("generator.csv"),
                Stream.of(samples.split(" ", -1))
                        .map(line -> line.replace('/', ','))
                        .collect(Collectors.joining("\n", "", "\n")));

        Ended ended =
                end(start(List.of("bash", "-c", ". loadtest/generator.sh; work=$TMPDIR; generator_load"), Map.of()));

        assertThat(ended.out()).as(ended.err()).isEqualTo(busiest + " " + full + " " + stolen + "\n");
    }

    /** Milliseconds that others took of two cores in five seconds; a promise and its result. */
    @ParameterizedTest
    @CsvSource({
        "1999, load, latency, kept, 0, kept",
        "1999, load, latency, BROKEN, 1, kept",
        "2000, load, latency, kept, 0, warning",
        "2000, load, latency, BROKEN, 75, warning",
        "2000, drain, requests lost or answered wrongly, BROKEN, 1, warning",
        "2000, instances, exit codes, BROKEN, 1, warning",
        "2000, go, requests in flight afterwards, BROKEN, 1, warning",
        "2000, last_third, sockets against the third before, BROKEN, 1, warning",
    })
    void slowAnswerSaysNothingWhereTheHostTookTheProcessors(
            int stolen, String scenario, String what, String became, int exit, String row) throws IOException {
        install("nproc", "echo 2");
        installK6("""
            until [ -s "$LOAD_OUT/generator.csv" ]; do sleep 0.02; done
            printf '0,0,0,0\\n5000,0,10000,%d\\n' >"$LOAD_OUT/generator.csv"
            printf 'load\\tlatency\\t== 1\\t1\\tkept\\n%s\\t%s\\t== 1\\t1\\t%s\\n' >"$LOAD_OUT/promises.tsv"
            echo '{}' >"$LOAD_OUT/k6.json"
            """.formatted(stolen, scenario, what, became));

        Ended ended = load("load");

        assertThat(ended.exit()).as(ended.err()).isEqualTo(exit);
        assertThat(ended.out()).containsPattern("stolen by the host, in its worst 5 s +< 20 % +\\d+ % +" + row);
    }

    /** The last third of a long test takes more of everything. CPU time only warns: a busy machine raises it, too. */
    @ParameterizedTest
    @CsvSource({"100, 0, kept, kept", "110, 0, kept, kept", "130, 1, warning, BROKEN"})
    void soakPromisesThatNothingGrows(int percent, int exit, String cpu, String others) throws IOException {
        StringBuilder samples = new StringBuilder("seconds,cpu_ms,rss_kb,threads,sockets\n");
        int taken = 0;
        for (int second = 0; second <= 180; second++) {
            int share = second <= 120 ? 100 : percent;
            taken += share;
            samples.append("%d,%d,%d,%d,%d\n".formatted(second, taken, 2000 * share, share, share));
        }
        Path file = Files.writeString(bin.resolve("service.csv"), samples);
        installK6("""
            until [ -s "$LOAD_OUT/service.csv" ]; do sleep 0.02; done
            cp '%s' "$LOAD_OUT/service.csv"
            echo "soak\tall\t== 1\t1\tkept" >"$LOAD_OUT/promises.tsv"
            echo '{}' >"$LOAD_OUT/k6.json"
            """.formatted(file));

        Ended ended = load("soak");

        assertThat(ended.exit()).as(ended.err()).isEqualTo(exit);
        assertThat(ended.out()).containsPattern("CPU time against .* < 115 % +" + percent + " % +" + cpu);
        for (String name : List.of("resident memory", "threads", "sockets")) {
            assertThat(ended.out()).containsPattern(name + " against .* < 115 % +" + percent + " % +" + others);
        }
    }

    /** The exit code and output of a command. */
    private record Ended(int exit, String out, String err) {}
}
