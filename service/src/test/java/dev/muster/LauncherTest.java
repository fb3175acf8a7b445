package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.Launcher;
import dev.muster.testing.Launcher.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When {@code ./run} makes the AOT cache and when it uses it, with a JVM that a test scripts. */
class LauncherTest {
    private static final String MAKING = "muster: making the AOT cache, so that it starts in half the time\n";

    /**
     * Writes down each call. In the training it serves, and makes a cache when told to end. If asked whether it accepts
     * the cache, it answers like the JDK: it refuses with {@code -Xrefused}, and does not know {@code -Xunknown}.
     */
    private static final String JAVA = """
        all=$*
        echo "$all" >>calls
        case $all in *-version*)
          case $all in
            *-Xunknown*) echo 'Unrecognized option: -Xunknown'; exit 1 ;;
            *-Xrefused*) echo 'It cannot be used with -Xrefused'; echo 'Unable to use AOT cache.'; exit 1 ;;
            *) echo 'OpenJDK 64-Bit Server VM (mixed mode, sharing)'; exit ;;
          esac ;;
        esac
        case $all in *AOTCacheOutput=/*) ;; *) echo "started $all"; exit ;; esac
        output=${all#*AOTCacheOutput=} output=${output%% *}
        env | grep ^MUSTER_ | LC_ALL=C sort >settings
        trap 'echo cache >"$output"; exit' TERM
        until [ ! -e wait ]; do sleep 0.01; done
        echo '1 INFO serving on http://127.0.0.1:1, admin on http://127.0.0.1:2'
        while :; do sleep 0.01; done
        """;

    @TempDir
    private Path tree;

    private Launcher launcher;
    private Path jdk;

    @BeforeEach
    void build() throws IOException {
        launcher = Launcher.in(tree);
        Files.writeString(launcher.file("muster.jar"), "jar");
        Files.writeString(launcher.file("lib/library.jar"), "library");
        launcher.install("curl", "");
        jdk = launcher.jdk("jdk", JAVA);
    }

    @AfterEach
    void end() {
        launcher.close();
    }

    private Run run(Map<String, String> environment, String... arguments) {
        Run run = launcher.start(jdk, environment, arguments);
        assertThat(run.awaitExit()).as(run.err()).isZero();
        return run;
    }

    private Run run() {
        return run(Map.of());
    }

    private long trainings() throws IOException {
        try (var calls = Files.lines(tree.resolve("calls"))) {
            return calls.filter(call -> call.contains("AOTCacheOutput=/")).count();
        }
    }

    private String cacheOption() {
        return "-XX:AOTCache=" + launcher.file("muster.aot");
    }

    @Test
    void firstRunMakesTheCacheAndEachUsesIt() throws IOException {
        Run first = run(Map.of("MUSTER_JAVA_OPTS", "-Xmx1g -Xlog:gc"), "serve", "--config", "a b");
        Run second = run(Map.of(), "check");

        assertThat(first.err()).isEqualTo(MAKING);
        assertThat(first.out())
                .isEqualTo("started @%s %s -Xlog:aot*=off -Xmx1g -Xlog:gc -jar %s serve --config a b%n"
                        .formatted(tree.resolve("service/java.options"), cacheOption(), launcher.file("muster.jar")));
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).contains(cacheOption());
        assertThat(launcher.files())
                .containsExactly(
                        "built",
                        "lib",
                        "muster.aot",
                        "muster.aot.jars",
                        "muster.aot.made",
                        "muster.aot.verdict",
                        "muster.jar");
        assertThat(trainings()).isOne();
    }

    /** With a cache of other jars the JVM would run the old code. A restored jar may have any time. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "service/target/muster.jar",
                "service/target/lib/library.jar",
                "service/java.options",
                "build/aot.sh"
            })
    void cacheIsMadeAgainOnceSomethingOfItChanged(String file) throws IOException {
        run();
        launcher.change(file);

        assertThat(run().err()).isEqualTo(MAKING);
        assertThat(run().err()).isEmpty();
        assertThat(trainings()).isEqualTo(2);
    }

    @Test
    void cacheIsMadeAgainForOtherLibraries() throws IOException {
        run();
        Files.move(launcher.file("lib/library.jar"), launcher.file("lib/other.jar"));

        assertThat(run().err()).isEqualTo(MAKING);
        assertThat(run().err()).isEmpty();
    }

    @Test
    void cacheIsKeptWhereOnlyTimesChanged() throws IOException {
        run();
        for (String file : List.of("service/target/muster.jar", "service/target/lib/library.jar", "build/aot.sh")) {
            launcher.touch(file);
        }

        assertThat(run().err()).isEmpty();
        assertThat(trainings()).isOne();
    }

    /** The sums are CRCs of gzip, the same as the service computes. An empty file has the sum 0. */
    @Test
    void whatTheCacheIsMadeOfIsListedForTheService() throws IOException {
        Files.createFile(launcher.file("lib/empty.jar"));
        run();

        assertThat(Files.readAllLines(launcher.file("muster.aot.jars")))
                .containsExactly(
                        crc("jar") + " 3 muster.jar", "0 0 lib/empty.jar", crc("library") + " 7 lib/library.jar");
    }

    private static long crc(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return crc.getValue();
    }

    @Test
    void cacheIsMadeAgainForAnotherJdk() throws IOException {
        run();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.9\"\n");
        assertThat(run().err()).isEqualTo(MAKING);

        jdk = launcher.jdk("other", JAVA);
        assertThat(run().err()).isEqualTo(MAKING);
        assertThat(run().err()).isEmpty();
    }

    /** The configuration names the user's own backends. The training must not call them. */
    @Test
    void trainingKnowsNothingOfTheConfiguration() throws IOException {
        run(Map.of("MUSTER_BACKENDS_BASE_URI", "http://production", "MUSTER_JAVA_OPTS", "-Xmx1g"), "serve");

        assertThat(Files.readAllLines(tree.resolve("settings")))
                .containsExactly("MUSTER_ADMIN_PORT=0", "MUSTER_DEMO_PORT=0", "MUSTER_SERVER_PORT=0");
        assertThat(Files.readAllLines(tree.resolve("calls")).getFirst())
                .doesNotContain("-Xmx1g")
                .endsWith(" demo");
    }

    @Test
    void oneRunTrainsAndTheOtherWaits() throws IOException {
        Path wait = Files.createFile(tree.resolve("wait"));
        Run first = launcher.start(jdk, Map.of());
        awaitTraining();
        Run second = launcher.start(jdk, Map.of());
        Await.until("the second run waits", () -> second.err().contains("another run is building, waiting for it"));
        Files.delete(wait);

        assertThat(first.awaitExit()).isZero();
        assertThat(second.awaitExit()).isZero();
        assertThat(first.out()).contains(cacheOption());
        assertThat(second.out()).contains(cacheOption());
        assertThat(trainings()).isOne();
    }

    private void awaitTraining() {
        Await.until("the training has begun", () -> Files.exists(tree.resolve("settings")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "curl | exit 7                                           | the service did not answer",
                "java | case $* in *Output*) echo no; exit 1; esac       | the service did not start: no",
                "java | case $* in *Output*) echo '0 serving on :1, admin on :2'; echo no; exit; esac | the JVM made"
                        + " none: no"
            })
    void failedTrainingIsOneLineAndNotTriedAgain(String what, String script, String why) throws IOException {
        if (what.equals("curl")) {
            launcher.install("curl", script);
        } else {
            jdk = launcher.jdk("jdk", script + "\necho \"started $*\"");
        }

        Run first = run();
        Run second = run();

        String told = "muster: no AOT cache, starts take longer: " + why + "\n";
        assertThat(first.err()).isEqualTo(MAKING + told);
        assertThat(first.out()).contains("started").doesNotContain("AOT");
        assertThat(second.err()).isEqualTo(told);
        assertThat(second.out()).contains("started").doesNotContain("AOT");
        assertThat(launcher.files())
                .containsExactly("built", "lib", "muster.aot.failed", "muster.aot.made", "muster.jar");
    }

    /** A cache of other classes would only cost time. */
    @Test
    void failedTrainingRemovesTheOldCache() throws IOException {
        run();
        launcher.change("service/target/muster.jar");
        launcher.install("curl", "exit 7");

        assertThat(run().out()).doesNotContain("AOT");
        assertThat(launcher.files()).doesNotContain("muster.aot");
    }

    @ParameterizedTest
    @CsvSource({"HUP, 129", "INT, 130", "TERM, 143"})
    void signalEndsTheTrainingAndLeavesNothing(String signal, int exit) throws IOException {
        Files.createFile(tree.resolve("wait"));
        Run run = launcher.start(jdk, Map.of());
        awaitTraining();
        List<ProcessHandle> started = run.process().descendants().toList();
        run.signal(signal);

        assertThat(run.awaitExit()).isEqualTo(exit);
        assertThat(started).isNotEmpty();
        Await.until("no process of the run is alive", () -> started.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(launcher.files()).containsExactly("built", "lib", "muster.jar");
        assertThat(run.out()).isEmpty();
        Files.delete(tree.resolve("wait"));
        assertThat(run().out()).contains(cacheOption());
    }

    /** A JVM does not start with an AOT cache and any of these. */
    @ParameterizedTest
    @CsvSource({
        "MUSTER_JAVA_OPTS, -Xshare:off",
        "MUSTER_JAVA_OPTS, -XX:AOTCacheOutput=x",
        "MUSTER_JAVA_OPTS, -XX:AOTMode=record -XX:AOTConfiguration=x",
        "MUSTER_JAVA_OPTS, -XX:SharedArchiveFile=x -Xmx1g",
        "JDK_JAVA_OPTIONS, -Xshare:auto",
        "JAVA_TOOL_OPTIONS, -Xshare:off"
    })
    void cacheIsLeftOutBesideOptionsForAnother(String variable, String options) throws IOException {
        run();
        Run other = run(Map.of(variable, options));

        assertThat(other.out()).doesNotContain(cacheOption());
        assertThat(other.err())
                .isEqualTo("muster: starting without the AOT cache, beside which the JVM does not take "
                        + options.split(" ", 2)[0] + "\n");
        assertThat(questions()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:AOTMode=on", "-XX:AOTMode=off", "-Xmx64m"})
    void cacheGoesWithOtherOptions(String options) {
        run();
        Run other = run(Map.of("MUSTER_JAVA_OPTS", options));

        assertThat(other.out()).contains(cacheOption());
        assertThat(other.err()).isEmpty();
    }

    /** The rejected cache would replace the JDK's own archive. */
    @Test
    void cacheIsLeftOutAndTheStartSaysWhyWhereTheJvmRefusesIt() throws IOException {
        run();
        Map<String, String> options = Map.of("MUSTER_JAVA_OPTS", "-Xmx64m -Xrefused");
        String told = "muster: starting without the AOT cache, which does not go with further JVM options: It cannot be"
                + " used with -Xrefused\n";

        for (int start = 0; start < 2; start++) {
            Run refused = run(options);
            assertThat(refused.out()).contains("-Xmx64m -Xrefused -jar").doesNotContain("AOT");
            assertThat(refused.err()).isEqualTo(told);
        }
        assertThat(questions()).as("the JVM was asked once").isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MUSTER_JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"})
    void jvmIsAskedForEachChoiceOfOptions(String variable) throws IOException {
        run();
        assertThat(questions()).isZero();

        run(Map.of(variable, "-Xmx64m"));
        run(Map.of(variable, "-Xmx64m"));
        assertThat(questions()).isOne();

        run(Map.of(variable, "-Xmx65m"));
        assertThat(questions()).isEqualTo(2);
    }

    @Test
    void jvmIsAskedAgainAboutANewCache() throws IOException {
        run();
        Map<String, String> options = Map.of("MUSTER_JAVA_OPTS", "-Xmx64m");
        run(options);
        launcher.change("service/target/muster.jar");
        run(options);

        assertThat(questions()).isEqualTo(2);
    }

    /** The user's log option may name a file, which the question would overwrite. */
    @Test
    void whoAsksTheJvmWritesNoLogOfTheUsers() throws IOException {
        run();
        run(Map.of("MUSTER_JAVA_OPTS", "-Xlog:gc:file=gc.log -Xmx64m"));

        try (var calls = Files.lines(tree.resolve("calls"))) {
            assertThat(calls.filter(call -> call.contains("-version"))
                            .findFirst()
                            .orElseThrow())
                    .contains("-Xmx64m")
                    .doesNotContain("gc.log");
        }
    }

    /** The JVM itself reports the error when it starts. */
    @Test
    void jvmThatDoesNotStartAtAllHasNothingAgainstTheCache() throws IOException {
        run();
        Run unknown = run(Map.of("MUSTER_JAVA_OPTS", "-Xunknown"));

        assertThat(unknown.out()).contains(cacheOption());
        assertThat(unknown.err()).isEmpty();
    }

    @Test
    void optionsAreNoPatternsOfFiles() {
        assertThat(run(Map.of("MUSTER_JAVA_OPTS", " -Dall=* \t*\n-Xmx1g ")).out())
                .contains(" -Dall=* * -Xmx1g -jar ");
    }

    private long questions() throws IOException {
        try (var calls = Files.lines(tree.resolve("calls"))) {
            return calls.filter(call -> call.contains("-version")).count();
        }
    }
}
