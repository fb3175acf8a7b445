package dev.muster.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Deadline;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.RawConnection;
import dev.muster.testing.ServiceProcess;
import dev.muster.testing.ServiceProcess.Launch;
import dev.muster.testing.SocketTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole process stands still for longer than any limit: bytes that arrived meanwhile arrived in time. */
class PausedProcessTest {
    /** Of each kind: enough for the guard to look at some before their own threads run. */
    private static final int CLIENTS = 15;

    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofMillis(3200);
    private static final int ATTEMPTS = 10;
    private static final String REQUEST_LINE = "GET /profiles/ada HTTP/1.1\r\n";
    private static final String HOST = "Host: test\r\n";
    private static final String REQUEST = REQUEST_LINE + HOST + "\r\n";

    private final FakeBackend backend = FakeBackend.start(Call::answerWell);
    private final List<Client> clients = new ArrayList<>();
    private ServiceProcess service;

    /** A client that has sent the first part of its bytes. */
    private record Client(String kind, RawConnection connection, String rest) {
        void sendRest() {
            connection.sendRaw(rest);
        }

        String outcome() {
            return kind + " " + connection.read("GET").status();
        }
    }

    @AfterEach
    void stop() {
        closeClients();
        if (service != null) {
            service.close();
        }
        backend.close();
    }

    private void closeClients() {
        clients.forEach(client -> client.connection().close());
        clients.clear();
    }

    private void start(Launch launch) {
        service = launch.backends(backend.baseUri()).start();
        service.awaitServing();
    }

    private void begin(String kind, String beginning, String rest) {
        for (int i = 0; i < CLIENTS; i++) {
            RawConnection connection = new RawConnection(service.port());
            clients.add(new Client(kind, connection, rest));
            connection.sendRaw(beginning);
        }
    }

    /** Sends a request and reads the answer, so that the connection is idle. */
    private void beginIdle() {
        begin("idle", REQUEST, REQUEST);
        clients.stream()
                .filter(client -> client.kind().equals("idle"))
                .forEach(client ->
                        assertThat(client.connection().read("GET").status()).isEqualTo(200));
    }

    /** Stops the process before the limit that {@code begins} returns. Tries again if the machine is too busy. */
    private void pauseInTime(Supplier<Deadline> begins) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Deadline limit = begins.get();
            service.signal("STOP");
            if (!limit.hasPassed()) {
                return;
            }
            service.signal("CONT");
            closeClients();
        }
        throw new AssertionError("the process cannot be stopped within " + LIMIT);
    }

    /** The clients send the rest while the service stands still, which takes longer than the limit. */
    private void sendDuringThePause() {
        clients.forEach(Client::sendRest);
        Deadline over = Deadline.after(PAUSE);
        Await.until("the pause is over", over::hasPassed);
        service.signal("CONT");
    }

    @Test
    void whatHasArrivedByItsEndIsServed() {
        start(ServiceProcess.launch("serve")
                .set("connection.head-timeout", LIMIT.toString())
                .set("connection.body-timeout", LIMIT.toString())
                .set("connection.idle-timeout", LIMIT.toString()));

        pauseInTime(() -> {
            Deadline limit = Deadline.after(LIMIT);
            beginIdle();
            begin("head", REQUEST_LINE, HOST + "\r\n");
            begin("body", REQUEST_LINE + HOST + "Content-Length: 6\r\n\r\nabc", "def");
            clients.forEach(client ->
                    SocketTable.awaitNoBytes(service.port(), client.connection().localPort()));
            return limit;
        });
        sendDuringThePause();

        assertThat(clients).map(Client::outcome).containsOnly("idle 200", "head 200", "body 200");
    }

    @Test
    void whatHasArrivedByItsEndIsAnsweredThoughAStopShouldBeOver() {
        pauseInTime(() -> {
            if (service != null) {
                service.close();
            }
            start(ServiceProcess.launch("serve")
                    .set("shutdown.linger", LIMIT.toString())
                    .set("shutdown.drain", LIMIT.toString())
                    .set("shutdown.cancel", "PT0.2S"));
            beginIdle();
            Deadline limit = Deadline.after(LIMIT);
            service.signal("TERM");
            int port = service.port();
            Await.until("the port is closed", () -> ServiceProcess.refuses(port));
            return limit;
        });
        sendDuringThePause();

        assertThat(clients).map(Client::outcome).isSubsetOf("idle 200", "idle 503");
        assertThat(service.awaitExit()).isZero();
    }
}
