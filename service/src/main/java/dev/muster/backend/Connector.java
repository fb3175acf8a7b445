package dev.muster.backend;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to one backend: looks up its name, tries its addresses in turn, and starts TLS for https.
 *
 * <p>Safe for use by any thread. An interrupt ends an attempt at once, at any stage.
 */
final class Connector implements ConnectionPool.Source {
    private final String host;
    private final int port;
    private final @Nullable SSLSocketFactory tls;
    private final AddressResolver resolver;
    /** The index of the address to try first: the last good one, or the one after a bad one. Only a hint. */
    private volatile int preferred;

    /**
     * A connector to {@code origin}.
     *
     * @param tls makes the TLS sockets of an https backend
     */
    Connector(URI origin, SSLSocketFactory tls, AddressResolver resolver) {
        boolean https = "https".equalsIgnoreCase(origin.getScheme());
        this.host = bareHost(origin);
        this.port = origin.getPort() != -1 ? origin.getPort() : https ? 443 : 80;
        this.tls = https ? tls : null;
        this.resolver = resolver;
    }

    /** The host of {@code origin} without the brackets that a URI puts around an IPv6 address. */
    static String bareHost(URI origin) {
        String host = origin.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /**
     * Opens a connection.
     *
     * @throws IOException if no address answers, the name is unknown or TLS fails
     * @throws InterruptedException if the caller was interrupted while the name was looked up; elsewhere an interrupt
     *     closes the socket and becomes an IOException
     */
    @Override
    public BackendConnection connect() throws IOException, InterruptedException {
        InetAddress[] addresses = resolver.addresses();
        int start = preferred;
        IOException first = null;
        for (int i = 0; i < addresses.length && !Thread.currentThread().isInterrupted(); i++) {
            int index = (start + i) % addresses.length;
            try {
                BackendConnection connection = connect(addresses[index]);
                preferred = index;
                return connection;
            } catch (IOException e) {
                // Also after an interrupt: an address that does not answer must not be tried first again.
                preferred = (index + 1) % addresses.length;
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        resolver.refresh();
        throw first != null ? first : new ConnectException("no address");
    }

    private BackendConnection connect(InetAddress address) throws IOException {
        InterruptibleSocket raw = new InterruptibleSocket();
        try {
            raw.setTcpNoDelay(true);
            raw.connect(new InetSocketAddress(address, port));
            return new BackendConnection(raw, tls == null ? null : handshake(tls, raw));
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    private SSLSocket handshake(SSLSocketFactory factory, Socket raw) throws IOException {
        SSLSocket socket = (SSLSocket) factory.createSocket(raw, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        // Without this the JDK checks the certificate's chain but not its name (RFC 9110 section 4.3.4).
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    @Override
    public void close() {
        resolver.close();
    }
}
