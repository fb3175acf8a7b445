package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The links and names in the documents are valid. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern TEST = Pattern.compile("`(\\w+)(?:\\.(\\w+))?`.*");
    private static final String NONE = "—";

    @Test
    void everyLinkBetweenFilesLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            String text = Files.readString(document);
            for (String link :
                    LINK.matcher(text).results().map(match -> match.group(1)).toList()) {
                if (!link.contains(":") && !leadsSomewhere(document, link)) {
                    broken.add(ROOT.relativize(document) + ": " + link);
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    @Test
    void everyPatternHasItsPlaceOrSaysWhyNotAndATestThatIsThere() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<List<String>> rows = patterns();
        for (List<String> row : rows) {
            boolean hasPlace = LINK.matcher(row.get(3)).find();
            String test = row.get(4);
            boolean proven = !test.equals(NONE) && hasPlace && isThere(test);
            boolean hasNone = test.equals(NONE) && row.get(3).startsWith("no place");
            if (!proven && !hasNone) {
                wrong.add(row.getFirst() + ": " + test);
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(rows)
                .hasSizeGreaterThan(20)
                .allSatisfy(row -> assertThat(row).hasSize(5).noneMatch(String::isBlank));
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
                // The lower levels hold other people's documents: node_modules, target.
                Stream<Path> deploy = Files.walk(ROOT.resolve("deploy"), 2)) {
            return Stream.of(Stream.of(ROOT.resolve("README.md")), docs, deploy)
                    .flatMap(paths -> paths)
                    .filter(path -> path.toString().endsWith(".md"))
                    .toList();
        }
    }

    private static boolean leadsSomewhere(Path from, String link) throws IOException {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? from : from.resolveSibling(file);
        return Files.exists(target) && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
    }

    /** The anchors that GitHub makes from headings. */
    private static List<String> anchors(Path document) throws IOException {
        return Files.readAllLines(document).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static List<List<String>> patterns() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/patterns.md")).stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| pattern "))
                .map(line -> List.of(line.substring(2, line.length() - 2).split(" \\| ", -1)))
                .toList();
    }

    /** Whether a test with that class and name exists; for jcstress, one with that class. */
    private static boolean isThere(String cell) throws IOException {
        MatchResult test = TEST.matcher(cell).results().findFirst().orElse(null);
        if (test == null) {
            return false;
        }
        String file = test.group(1) + ".java";
        Path tests = test.group(2) == null ? ROOT.resolve("jcstress/src") : Path.of("src", "test");
        List<Path> found;
        try (Stream<Path> files = Files.walk(tests)) {
            found = files.filter(path -> path.endsWith(file)).toList();
        }
        for (Path path : found) {
            String method = test.group(2);
            if (method == null || Files.readString(path).contains(" void " + method + "(")) {
                return true;
            }
        }
        return false;
    }
}
