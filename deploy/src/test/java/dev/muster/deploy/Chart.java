package dev.muster.deploy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The chart, rendered by Helm itself. Each rendering is kept, so that tests share it. */
final class Chart {
    static final Path SOURCE = Path.of("kubernetes");
    static final Path LEAST = SOURCE.resolve("ci/least-values.yaml");
    static final Path ALL = SOURCE.resolve("ci/all-values.yaml");

    static final String RELEASE = "muster";

    /** The oldest version that the chart supports. Helm as a library assumes 1.20. */
    private static final String KUBERNETES = "1.27.0";

    private static final Path WITHOUT_HOOKS = withoutHooks();
    private static final Map<List<String>, Manifests> RENDERED = new ConcurrentHashMap<>();

    private Chart() {}

    /** With the required values only. */
    static Manifests least() {
        return with("");
    }

    /** With everything switched on. */
    static Manifests all() {
        return allWith("");
    }

    /** With the required values and these values, as YAML. */
    static Manifests with(String values) {
        return release(RELEASE, LEAST, values);
    }

    /** With everything switched on, overridden by these values, as YAML. */
    static Manifests allWith(String values) {
        return release(RELEASE, ALL, values);
    }

    /** As a release with another name. */
    static Manifests release(String name, Path base, String values) {
        return RENDERED.computeIfAbsent(
                List.of(name, base.toString(), values),
                _ -> Manifests.parse(render(template(WITHOUT_HOOKS).withName(name), base, values)));
    }

    /** Helm's error for these values, which are added to the required ones. */
    static String refusal(String values) {
        try {
            render(template(SOURCE), LEAST, values);
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("rendered, though it should have been refused: " + values);
    }

    /** Helm's notes after an installation. */
    static String notes(String values) {
        return temporary(
                values,
                file -> new Helm(SOURCE)
                        .install()
                        .withName(RELEASE)
                        .withNamespace("web")
                        .withKubeVersion(KUBERNETES)
                        .clientOnly()
                        .dryRun()
                        .withValuesFile(LEAST)
                        .withValuesFile(file)
                        .call()
                        .getOutput());
    }

    /** A copy of the chart that a test may change. */
    static Path copyTo(Path directory) {
        try (Stream<Path> files = Files.walk(SOURCE)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = directory.resolve(SOURCE.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return directory;
    }

    private static TemplateCommand template(Path chart) {
        return new Helm(chart).template().withKubeVersion(KUBERNETES).withNamespace("web");
    }

    private static String render(TemplateCommand command, Path base, String values) {
        return temporary(
                values,
                file -> command.withValuesFile(base).withValuesFile(file).call());
    }

    /** A copy with hooks as ordinary manifests: the library does not render hooks. */
    private static Path withoutHooks() {
        try {
            Path copy = copyTo(Files.createTempDirectory("chart"));
            try (Stream<Path> files = Files.walk(copy)) {
                files.forEach(file -> file.toFile().deleteOnExit());
            }
            Path test = copy.resolve("templates/tests/ready.yaml");
            Files.writeString(test, Files.readString(test).replace("helm.sh/hook", "hook"));
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface WithFile {
        String apply(Path file);
    }

    private static String temporary(String values, WithFile use) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                return use.apply(Files.writeString(file, values));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
