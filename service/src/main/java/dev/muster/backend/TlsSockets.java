package dev.muster.backend;

import dev.muster.config.AppConfig.BackendConfig;
import dev.muster.config.TrustStore;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Makes a backend's TLS client sockets. They trust its configured certificates, or else those that the JDK trusts. */
final class TlsSockets {
    private TlsSockets() {}

    /**
     * The factory for {@code config}.
     *
     * @throws IOException if the trust store cannot be read
     */
    static SSLSocketFactory factory(BackendConfig config) throws IOException {
        try {
            if (config.trustStore().isEmpty()) {
                return SSLContext.getDefault().getSocketFactory();
            }
            KeyStore trusted = TrustStore.load(config.trustStore().get(), config.trustStorePassword());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
