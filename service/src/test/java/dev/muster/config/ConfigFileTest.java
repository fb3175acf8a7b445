package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {

    @TempDir
    Path directory;

    @Test
    void aFileThatDoesNotExistIsOneLine() {
        Path file = directory.resolve("none.yaml");
        assertThat(Loading.violations(file)).containsExactly("--config: " + file + ": does not exist");
    }

    @Test
    void aDirectoryIsOneLine() {
        assertThat(Loading.violations(directory))
                .containsExactly("--config: " + directory + ": must be a file, not a directory");
    }

    @Test
    void aFileInAnotherEncodingIsOneLine() throws Exception {
        Path file = Files.write(directory.resolve("latin1.yaml"), new byte[] {'#', (byte) 0xfc});
        assertThat(Loading.violations(file)).containsExactly("--config: " + file + ": must be UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"- a\n", "text\n", "5\n"})
    void aFileThatIsNoMappingIsOneLine(String yaml) {
        Path file = Loading.write(directory, yaml);
        assertThat(Loading.violations(file))
                .containsExactly("--config: " + file + ": must hold a mapping of keys to values");
    }

    @Test
    void aFileWithTwoDocumentsIsOneLine() {
        Path file = Loading.write(directory, "server.port: 1\n---\nserver.port: 2\n");
        assertThat(Loading.violations(file))
                .containsExactly("--config: " + file + ": must hold one YAML document only");
    }

    @Test
    void aFileThatIsNotYamlNamesTheLineButDoesNotQuoteIt() {
        Path file = Loading.write(directory, "server:\n  port: 1\nbackends.user.trust-store-password: hun: ter2\n");
        assertThat(Loading.violations(file))
                .containsExactly("--config: " + file + " (line 3): is not YAML: mapping values are not allowed here");
    }

    @Test
    void aFileIndentedByTabsNamesTheLine() {
        Path file = Loading.write(directory, "server:\n\tport: 1\n");
        assertThat(Loading.violations(file))
                .singleElement()
                .asString()
                .startsWith("--config: " + file + " (line 2): is not YAML: found character '\\t(TAB)'");
    }

    @Test
    void aKeyThatIsNoTextNamesTheLine() {
        Path file = Loading.write(directory, "server.port: 1\n? [a, b]\n: 1\n");
        assertThat(Loading.violations(file))
                .singleElement()
                .asString()
                .startsWith("--config: " + file + " (line 2): is not YAML: Expected a property name");
    }

    @Test
    void withoutTheFileNothingIsSaidToBeMissing() {
        Path file = directory.resolve("none.yaml");
        assertThat(Loading.lines(file, Map.of("MUSTER_DEMO_PORT", "x"), Map.of()))
                .containsExactly(
                        "--config: " + file + ": does not exist",
                        "demo.port: x (environment MUSTER_DEMO_PORT): must be a whole number from 0 to 65535");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server:\n  port: 1\n  port: 2\n",
                "server:\n  port: 1\nserver.port: 2\n",
                "server.host: localhost\nserver.port: 1\nserver.port: 1\n"
            })
    void aDuplicateKeyNamesItsLine(String yaml) {
        Path file = Loading.write(directory, yaml);
        assertThat(Loading.violations(file))
                .containsExactly("server.port (FILE " + file + ", line 3): must be there once only");
    }

    @Test
    void aDuplicateSectionNamesItsLine() {
        Path file = Loading.write(directory, "server:\n  port: 1\nserver:\n  host: localhost\n");
        assertThat(Loading.violations(file))
                .containsExactly("server (FILE " + file + ", line 3): must be there once only");
    }

    @Test
    void aKeyWithoutAValueIsRefusedOnce() {
        Path file = Loading.write(directory, "backends:\n  user:\n    base-uri:\n");
        assertThat(Loading.lines(file, Map.of(), Map.of()))
                .contains("backends.user.base-uri (FILE " + file
                        + ", line 3): has no value, but must be an absolute http or https URI with a host, without user"
                        + " info, query and fragment")
                .hasSize(BackendName.ALL.size());
    }

    @Test
    void aValueInPlaceOfASectionIsRefused() {
        Path file = Loading.write(directory, "server: 8080\n");
        assertThat(Loading.violations(file))
                .containsExactly("server (FILE " + file + ", line 1): must hold keys, such as server.host");
    }

    @Test
    void aListInPlaceOfAValueIsRefused() {
        Path file = Loading.write(directory, "log.format: [text, json]\n");
        assertThat(Loading.violations(file))
                .containsExactly("log.format: text,json (FILE " + file + ", line 1): must be text or json, not a list");
    }

    @Test
    void aListOfMoreThanValuesIsRefused() {
        Path file = Loading.write(directory, "backends.user.forward-headers:\n  - Authorization\n  - {a: 1}\n");
        assertThat(Loading.violations(file))
                .containsExactly(
                        "backends.user.forward-headers (FILE " + file + ", line 3): must be a list of single values");
    }

    @Test
    void anAliasIsRefused() {
        Path file = Loading.write(directory, "server.host: &h localhost\nadmin.host: *h\n");
        assertThat(Loading.violations(file))
                .containsExactly(
                        "admin.host (FILE " + file + ", line 2): must be a value; YAML aliases are not followed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nothing\n",
                "---\n# nothing\n",
                "{}\n",
                "server:\n#  port: 1\n",
                "\ufeffserver.port: 8080\n"
            })
    void aFileThatSetsNothingNewLeavesTheDefaults(String yaml) throws Exception {
        assertThat(Loading.file(Loading.write(directory, yaml))).isEqualTo(Loading.defaults());
    }
}
