package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ApplicationYamlTest {

    @Test
    void holdsEveryKeyAndNoOther() throws Exception {
        assertThat(keys()).containsExactlyElementsOf(Keys.KNOWN.keySet());
    }

    @Test
    void everyKeyButTheBaseUrisHasADefault() throws Exception {
        assertThat(YamlSettings.read(text(), line -> "", new ArrayList<>()).keySet())
                .isEqualTo(withoutBaseUris());
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

    /** All keys in the order of the file, those commented out included. */
    static List<String> keys() throws Exception {
        String yaml = Pattern.compile("# (base-uri: )").matcher(text()).replaceAll("$1");
        List<Violation> found = new ArrayList<>();
        List<String> keys =
                List.copyOf(YamlSettings.read(yaml, line -> "", found).keySet());
        assertThat(found).isEmpty();
        return keys;
    }

    private static Set<String> withoutBaseUris() {
        Set<String> keys = new HashSet<>(Keys.KNOWN.keySet());
        keys.removeIf(key -> key.endsWith(".base-uri"));
        return keys;
    }

    private static String text() throws Exception {
        try (InputStream in = ConfigLoader.class.getResourceAsStream("/application.yaml")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
