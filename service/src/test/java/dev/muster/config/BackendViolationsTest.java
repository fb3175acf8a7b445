package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendViolationsTest {

    private static final String URI_ALLOWED =
            "must be an absolute http or https URI with a host, without user info, query and fragment";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "users.example",
                "/users",
                "ftp://users.example",
                "http:///users",
                "http:users",
                "http://users.example:0",
                "http://users.example:65536",
                "http://users.example?a=b",
                "http://users.example#top",
                "http://a b"
            })
    void aBaseUriMustBeOneThatPathsCanBeAppendedTo(String uri) {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_BASE_URI", uri)))
                .containsExactly("backends.user.base-uri: " + uri + " (environment MUSTER_BACKENDS_USER_BASE_URI): "
                        + URI_ALLOWED);
    }

    @Test
    void aBaseUriMustBeAscii() {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_BASE_URI", "http://h/ü")))
                .containsExactly("backends.user.base-uri: http://h/ü (environment MUSTER_BACKENDS_USER_BASE_URI): "
                        + URI_ALLOWED + "; it must be percent-encoded");
    }

    @Test
    void aMissingBaseUriSaysHowToSetIt() {
        assertThat(Loading.lines(null, Map.of(), Map.of()))
                .containsExactlyElementsOf(BackendName.ALL.stream()
                        .map(backend -> "backends." + backend.label() + ".base-uri (not set): " + URI_ALLOWED
                                + "; set it, or backends.base-uri for all backends, in FILE or as MUSTER_BACKENDS_"
                                + backend + "_BASE_URI")
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection",
                "Keep-Alive",
                "Proxy-Connection",
                "Proxy-Authenticate",
                "Proxy-Authorization",
                "TE",
                "Trailer",
                "Transfer-Encoding",
                "Upgrade",
                "HOST",
                "content-length",
                "Expect",
                "Accept",
                "Accept-Encoding",
                "Range",
                "If-Match",
                "If-None-Match",
                "If-Modified-Since",
                "If-Unmodified-Since",
                "If-Range",
                "x-envoy-expected-rq-timeout-ms",
                "X-Request-Id",
                "traceparent",
                "tracestate"
            })
    void aHeaderThatIsNotPassedOnIsRefused(String header) {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_FORWARD_HEADERS", "Authorization," + header)))
                .containsExactly("backends.user.forward-headers: Authorization," + header
                        + " (environment MUSTER_BACKENDS_USER_FORWARD_HEADERS): must be a list of header names; "
                        + header + " is never forwarded");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Accept Language             | 'Accept Language' is not one
        Authorization,              | '' is not one
        Authorization:              | 'Authorization:' is not one
        X-Tenant,x-tenant           | x-tenant is there twice
        """, quoteCharacter = '`')
    void aHeaderNameMustBeAToken(String names, String detail) {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_FORWARD_HEADERS", names)))
                .containsExactly("backends.user.forward-headers: " + names
                        + " (environment MUSTER_BACKENDS_USER_FORWARD_HEADERS): must be a list of header names; "
                        + detail);
    }

    @Test
    void aTrustStoreMustExist() {
        String path = directory.resolve("none.p12").toString();
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_TRUST_STORE", path)))
                .containsExactly("backends.user.trust-store: " + path
                        + " (environment MUSTER_BACKENDS_USER_TRUST_STORE): must be the path of a readable PKCS12, JKS"
                        + " or PEM file, or empty; there is no such file");
    }

    @Test
    void aTrustStoreMustBeAFile() {
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_TRUST_STORE", directory.toString())))
                .containsExactly("backends.user.trust-store: " + directory
                        + " (environment MUSTER_BACKENDS_USER_TRUST_STORE): must be the path of a readable PKCS12, JKS"
                        + " or PEM file, or empty; this is a directory");
    }

    @Test
    void aTrustStoreMustOpen() throws Exception {
        Path file = Files.writeString(directory.resolve("trust.p12"), "no key store");
        assertThat(Loading.violations(Map.of("MUSTER_BACKENDS_USER_TRUST_STORE", file.toString())))
                .containsExactly("backends.user.trust-store: " + file
                        + " (environment MUSTER_BACKENDS_USER_TRUST_STORE): must be the path of a readable PKCS12, JKS"
                        + " or PEM file, or empty; this one does not open: Unrecognized keystore format. Please load it"
                        + " with a specified type");
    }

    @Test
    void aTrustStoreNeedsItsPassword() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Path file = directory.resolve("trust.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "opens-it".toCharArray());
        }
        Map<String, String> environment = new HashMap<>();
        environment.put("MUSTER_BACKENDS_USER_TRUST_STORE", file.toString());
        environment.put("MUSTER_BACKENDS_USER_TRUST_STORE_PASSWORD", "opens-it");
        assertThat(Loading.violations(environment)).isEmpty();

        environment.put("MUSTER_BACKENDS_USER_TRUST_STORE_PASSWORD", "opens-it-not");

        assertThat(Loading.violations(environment))
                .singleElement()
                .asString()
                .contains("this one does not open: Integrity check failed")
                .doesNotContain("opens-it-not");
    }
}
