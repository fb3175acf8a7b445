package dev.muster.config;

import dev.muster.config.source.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Loads configurations for the tests. */
final class Loading {

    /** The only settings without a default. */
    static final Map<String, String> BASE_URIS = Map.of("backends.base-uri", "http://backends.example");

    private Loading() {}

    static AppConfig defaults() throws InvalidConfig {
        return ConfigLoader.load(null, Map.of(), BASE_URIS).config();
    }

    static AppConfig environment(Map<String, String> environment) throws InvalidConfig {
        return ConfigLoader.load(null, environment, BASE_URIS).config();
    }

    static AppConfig file(Path file) throws InvalidConfig {
        return ConfigLoader.load(file, Map.of(), BASE_URIS).config();
    }

    /** The violations of an environment, which is completed with {@link #BASE_URIS}; empty if it is valid. */
    static List<String> violations(Map<String, String> environment) {
        return lines(null, environment, BASE_URIS);
    }

    /** The violations of a file, which is completed with {@link #BASE_URIS}; empty if it is valid. */
    static List<String> violations(Path file) {
        return lines(file, Map.of(), BASE_URIS);
    }

    static List<String> lines(@Nullable Path file, Map<String, String> environment, Map<String, String> overrides) {
        try {
            ConfigLoader.load(file, environment, overrides);
            return List.of();
        } catch (InvalidConfig e) {
            return e.violations().stream().map(Violation::toString).toList();
        }
    }

    /** The environment variable of a key. */
    static String variable(String key) {
        return Objects.requireNonNull(Keys.KNOWN.get(key), key).environmentName();
    }

    /** A bundle of one certificate: any one that the JDK trusts. */
    static String pem() throws Exception {
        TrustManagerFactory jdk = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        jdk.init((KeyStore) null);
        X509TrustManager trust = (X509TrustManager) jdk.getTrustManagers()[0];
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(trust.getAcceptedIssuers()[0].getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    static Path write(Path directory, String yaml) {
        try {
            return Files.writeString(directory.resolve("muster.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
