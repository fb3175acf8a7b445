package dev.muster.http;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.LoadsAll;
import dev.muster.testing.RawConnection;
import dev.muster.testing.ServiceProcess;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The clients' view of a real process that may open no file, and so can accept no connection. */
class ListenerProcessTest {
    private static final String HELD = "held";

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private ServiceProcess service;
    // Opened while the process may still open files.
    private RawConnection client;
    private RawConnection admin;

    private void answer(Call call) throws Exception {
        if (call.id().equals(HELD) && call.isFor("friends")) {
            begun.countDown();
            Await.latch(release);
        }
        call.answerWell();
    }

    @BeforeEach
    void connect() {
        // Not in an initializer: JUnit creates the instance even for a disabled test, and never stops the service.
        service = ServiceProcess.launch("serve")
                .backends(backend.baseUri())
                .set("shutdown.lame-duck", "PT0S")
                .main(LoadsAll.class)
                .start();
        client = new RawConnection(service.port());
        admin = new RawConnection(service.adminPort());
        // This leaves an open connection to each backend.
        assertProfile(get(client, "/profiles/ada"), "ada");
        assertThat(get(admin, "/health/ready").status()).isEqualTo(200);
    }

    @AfterEach
    void stop() {
        release.countDown();
        client.close();
        admin.close();
        service.close();
        backend.close();
    }

    private static RawConnection.Response get(RawConnection connection, String path) {
        connection.send("GET", path);
        return connection.read("GET");
    }

    private void awaitReady(int status) {
        Await.until("ready is " + status, () -> get(admin, "/health/ready").status() == status);
    }

    @Test
    void thePublicPortServesAgainOnceThereAreFilesAndWhoIsConnectedNoticesNothing() {
        service.closeFiles();
        try (RawConnection waiting = new RawConnection(service.port())) {
            waiting.send("GET", "/profiles/grace");
            awaitReady(503);
            assertThat(get(admin, "/health/live").status()).isEqualTo(200);
            for (int i = 0; i < 20; i++) {
                RawConnection.Response response = get(client, "/profiles/ada");
                assertProfile(response, "ada");
                assertThat(response.headers()).doesNotContainKey("connection");
            }

            service.openFiles();

            assertProfile(waiting.read("GET"), "grace");
            awaitReady(200);
            assertProfile(get(client, "/profiles/ada"), "ada");
            try (RawConnection anew = new RawConnection(service.port())) {
                assertProfile(get(anew, "/profiles/ada"), "ada");
            }
        }
    }

    @Test
    void theAdminPortServesAgainOnceThereAreFiles() {
        service.closeFiles();
        try (RawConnection waiting = new RawConnection(service.adminPort())) {
            waiting.send("GET", "/health/live");
            awaitReady(503);

            service.openFiles();

            assertThat(waiting.read("GET").status()).isEqualTo(200);
            awaitReady(200);
            assertThat(service.admin("/metrics").body())
                    .containsPattern("muster_server_accept_failures_total\\{listener=\"admin\"} [1-9]")
                    .contains("muster_server_accept_failures_total{listener=\"server\"} 0.0");
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "muster.soak", matches = "true", disabledReason = "takes 11 s")
    void whereNobodyCanBeAcceptedForTenSecondsItEndsInOrderWith70() {
        client.send("GET", "/profiles/" + HELD);
        Await.latch(begun);

        service.closeFiles();
        try (RawConnection waiting = new RawConnection(service.port())) {
            waiting.send("GET", "/profiles/grace");

            assertThat(service.awaitLine("could accept no connection for 10 s")).contains("Too many open files");
            service.awaitLine("shutdown begins");
            release.countDown();

            assertProfile(client.read("GET"), HELD);
            assertThat(service.awaitExit()).isEqualTo(70);
        }
    }
}
