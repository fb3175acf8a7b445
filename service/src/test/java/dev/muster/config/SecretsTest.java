package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {

    private static final Map<String, String> PASSWORD = Map.of("MUSTER_BACKENDS_USER_TRUST_STORE_PASSWORD", "hunter2");

    @TempDir
    Path directory;

    @Test
    void theRecordsDoNotPrintThem() throws Exception {
        assertThat(Loading.environment(PASSWORD).toString())
                .contains("trustStorePassword=*****")
                .doesNotContain("hunter2");
    }

    @Test
    void theListingMasksThoseThatAreSet() throws Exception {
        assertThat(ConfigLoader.load(null, PASSWORD, Loading.BASE_URIS).effective())
                .contains(
                        "backends.user.trust-store-password: *****"
                                + "  # environment MUSTER_BACKENDS_USER_TRUST_STORE_PASSWORD",
                        "backends.trust-store-password: \"\"");
    }

    @Test
    void aViolationMasksThem() {
        Path file = Loading.write(directory, "backends.user.trust-store-password: [hunter2]\n");
        assertThat(Loading.violations(file))
                .containsExactly("backends.user.trust-store-password: ***** (FILE " + file
                        + ", line 1): must be a text, not a list");
    }

    @Test
    void aMistypedNameDoesNotShowThem() {
        Path file = Loading.write(directory, "backends.user.trust-store-pasword: hunter2\n");
        assertThat(Loading.lines(
                        file, Map.of("MUSTER_BACKENDS_USER_TRUST_STORE_PASWORD", "hunter2"), Loading.BASE_URIS))
                .hasSize(2)
                .noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void theUserInfoOfARefusedUriIsHidden() {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_BASE_URI", "http://bob:hun/ter2@users.example")))
                .singleElement()
                .asString()
                .startsWith("backends.user.base-uri: http://*****@users.example (environment");
    }
}
