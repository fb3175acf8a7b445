package dev.muster.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/** Reads the trusted certificates of a backend: a PEM bundle, or a PKCS12 or JKS file. */
public final class TrustStore {
    private static final String PEM_BEGIN = "-----BEGIN CERTIFICATE-----";

    private TrustStore() {}

    /**
     * Reads {@code file}.
     *
     * @throws IOException if it is unreadable or of no known form, or the password is wrong
     * @throws GeneralSecurityException for a broken certificate
     */
    public static KeyStore load(Path file, Secret password) throws IOException, GeneralSecurityException {
        if (!new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(PEM_BEGIN)) {
            return KeyStore.getInstance(file.toFile(), password.reveal().toCharArray());
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            int index = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + index++, certificate);
            }
        }
        return store;
    }
}
