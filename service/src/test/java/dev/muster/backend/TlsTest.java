package dev.muster.backend;

import static dev.muster.testing.Answers.assertDeadlinePassed;
import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.FakeBackend.Script;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.Service;
import dev.muster.testing.SocketTable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A posts backend with TLS, and its own certificate for the name localhost. */
class TlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    static Path directory;

    private static Path pkcs12;
    private static Path pem;
    private static SSLContext server;

    private final FakeBackend others = FakeBackend.start(Call::answerWell);
    private FakeBackend posts;
    private Service service;

    @BeforeAll
    static void makeCertificate() throws Exception {
        Path keys = directory.resolve("keys.p12");
        keytool(
                "-genkeypair",
                "-keystore",
                keys.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost",
                "-validity",
                "2");
        KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
        server = serverContext(store);
        pkcs12 = writePkcs12(store.getCertificate("server"));
        pem = writePem(store.getCertificate("server"));
    }

    private static void keytool(String... arguments) throws Exception {
        ProcessBuilder keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        keytool.command().addAll(List.of(arguments));
        Path log = directory.resolve("keytool.log");
        Process process =
                keytool.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(process.waitFor()).as(() -> read(log)).isZero();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static SSLContext serverContext(KeyStore keys) throws Exception {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private static Path writePkcs12(Certificate certificate) throws Exception {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("server", certificate);
        Path file = directory.resolve("trust.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            trust.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    private static Path writePem(Certificate certificate) throws Exception {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
        return Files.writeString(
                directory.resolve("trust.pem"),
                "A comment\n-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
    }

    private void start(Script script, String host, Map<String, String> settings) {
        posts = FakeBackend.startTls(server, script);
        Map<String, String> all = new HashMap<>(settings);
        all.put("backends.posts.base-uri", posts.baseUri(host));
        service = Service.start(others.baseUri(), all);
    }

    @AfterEach
    void stop() {
        service.close();
        posts.close();
        others.close();
    }

    @Test
    void aCertificateInThePkcs12TrustStoreIsTrusted() {
        start(
                Call::answerWell,
                "localhost",
                Map.of(
                        "backends.posts.trust-store",
                        pkcs12.toString(),
                        "backends.posts.trust-store-password",
                        PASSWORD));

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void aCertificateInThePemBundleIsTrusted() {
        start(Call::answerWell, "localhost", Map.of("backends.posts.trust-store", pem.toString()));

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void aCertificateThatNobodyTrustsIsBadGateway() {
        start(Call::answerWell, "localhost", Map.of());

        assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");
        assertThat(posts.calls()).isEmpty();
    }

    @Test
    void aCertificateForAnotherHostIsBadGateway() {
        start(Call::answerWell, "127.0.0.1", Map.of("backends.posts.trust-store", pem.toString()));

        assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");
        assertThat(posts.calls()).isEmpty();
    }

    @Test
    void aTlsConnectionIsUsedAgain() {
        start(Call::answerWell, "localhost", Map.of("backends.posts.trust-store", pem.toString()));

        for (int i = 0; i < 5; i++) {
            assertProfile(service.get("/profiles/ada"), "ada");
        }

        assertThat(posts.accepted()).isEqualTo(1);
    }

    @Test
    void aSecondAnswerInTheSameRecordIsGivenToNobody() {
        String ofEve = Call.jsonAnswer(GoodBodies.posts("eve"));
        start(
                call -> call.send(Call.jsonAnswer(call.goodBody()) + (call.connection() == 1 ? ofEve : "")),
                "localhost",
                Map.of("backends.posts.trust-store", pem.toString()));

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");

        assertThat(posts.accepted()).isEqualTo(2);
    }

    @Test
    void aSecondAnswerLeftInTheTlsLayerIsGivenToNobody() {
        // The first answer is longer than HttpCore's buffer, so the rest of the record stays in the TLS layer.
        String ofEve = Call.jsonAnswer(GoodBodies.posts("eve"));
        start(
                call -> call.send(
                        Call.jsonAnswer(call.goodBody() + " ".repeat(8000)) + (call.connection() == 1 ? ofEve : "")),
                "localhost",
                Map.of("backends.posts.trust-store", pem.toString()));

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");

        assertThat(posts.accepted()).isEqualTo(2);
    }

    @Test
    void aSecondAnswerThatArrivesWhileTheTlsConnectionIsIdleIsGivenToNobody() {
        CountDownLatch idle = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        start(
                call -> {
                    call.answerWell();
                    if (call.connection() == 1) {
                        idle.await();
                        call.json(GoodBodies.posts("eve"));
                        sent.countDown();
                    }
                },
                "localhost",
                Map.of("backends.posts.trust-store", pem.toString()));
        assertProfile(service.get("/profiles/ada"), "ada");
        idle.countDown();
        Await.latch(sent);
        SocketTable.awaitBytes(posts.calls().getFirst().peerPort(), posts.port());

        assertProfile(service.get("/profiles/bob"), "bob");

        assertThat(posts.accepted()).isEqualTo(2);
    }

    @Test
    void aTlsConnectionClosedSilentlyIsReplacedByANewOne() {
        start(
                call -> {
                    call.answerWell();
                    call.close();
                },
                "localhost",
                Map.of("backends.posts.trust-store", pem.toString()));

        for (int i = 1; i <= 3; i++) {
            assertProfile(service.get("/profiles/ada"), "ada");
            posts.awaitClosed(i);
        }
    }

    @Test
    void aCallThatTimesOutClosesItsTlsConnection() {
        start(
                call -> {
                    if (call.id().equals("slow")) {
                        call.awaitPeerClosed();
                    } else {
                        call.answerWell();
                    }
                },
                "localhost",
                Map.of("backends.posts.trust-store", pem.toString(), "deadline.default", "PT2S"));
        assertProfile(service.get("/profiles/ada"), "ada");

        assertDeadlinePassed(service.get("/profiles/slow"), "posts");

        posts.awaitClosed(1);
    }

    @Test
    void aServerThatNeverFinishesTheHandshakeIsGatewayTimeout() throws IOException {
        posts = FakeBackend.start(Call::answerWell);
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            service = Service.start(
                    others.baseUri(),
                    Map.of(
                            "backends.posts.base-uri",
                            "https://127.0.0.1:" + silent.getLocalPort(),
                            "backends.posts.timeout",
                            "PT0.5S"));

            assertProblem(service.get("/profiles/ada"), 504, "deadline-exceeded", "posts");

            // The client has closed the connection, so a read comes to its end.
            try (Socket connection = silent.accept()) {
                connection.setSoTimeout(10_000);
                assertThatCode(() -> connection.getInputStream().readAllBytes())
                        .satisfiesAnyOf(
                                thrown -> assertThat(thrown).isNull(),
                                thrown -> assertThat(thrown).isInstanceOf(SocketException.class));
            }
        }
    }
}
