package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.source.Violation;
import dev.muster.config.source.YamlSource;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApplicationYamlTest {

    @Test
    void holdsEveryKeyButTheBaseUriAndThoseOfOneBackend() {
        List<String> keys = Keys.KNOWN.values().stream()
                .filter(key -> key.forAll() == null && !key.equals(Keys.BASE_URI))
                .map(Key::name)
                .toList();
        assertThat(keys()).containsAll(keys);
    }

    @Test
    void holdsNoOtherKeyAndInTheirOrder() {
        assertThat(Keys.KNOWN.keySet()).containsSubsequence(keys());
    }

    @Test
    void everyKeyIsExplainedAtItsFirstMention() throws Exception {
        List<String> lines = text().lines().map(String::strip).toList();
        Set<String> explained = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            String line = lines.get(i).replace("# base-uri", "base-uri");
            boolean isKey = line.matches("[a-z-]+: .+");
            if (isKey && explained.add(line.substring(0, line.indexOf(':')))) {
                assertThat(lines.get(i - 1)).as("above %s", line).startsWith("#");
            }
        }
    }

    @Test
    void noTwoKeysShareAVariable() {
        assertThat(Keys.KNOWN.values()).extracting(Key::environmentName).doesNotHaveDuplicates();
    }

    /** All keys with a default, in the file's order. */
    static List<String> keys() {
        List<Violation> found = new ArrayList<>();
        List<String> keys =
                List.copyOf(YamlSource.defaults("/application.yaml", found).keySet());
        assertThat(found).isEmpty();
        return keys;
    }

    private static String text() throws Exception {
        try (InputStream in = ConfigLoader.class.getResourceAsStream("/application.yaml")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
