package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a client's connection (RFC 9112 section 9). */
class ConnectionTest {
    private static Service service;

    @BeforeAll
    static void start() {
        service = Service.start(Backends.fresh().serve("ada").serve("grace").baseUri());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void aConnectionIsKeptAfterAnAnswer() {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("GET", "/profiles/ada");
            RawConnection.Response first = connection.read("GET");
            connection.send("GET", "/profiles/grace");
            RawConnection.Response second = connection.read("GET");

            assertThat(first.headers()).doesNotContainKey("connection");
            assertThat(first.json().at("/user/id").stringValue()).isEqualTo("ada");
            assertThat(second.json().at("/user/id").stringValue()).isEqualTo("grace");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/profiles/ada", "/profiles/ada/friends", "/profiles/a;b", "/openapi"})
    void aConnectionThatTheClientWantsClosedIsClosedAfterTheAnswer(String path) {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("GET", path, "Connection: close");

            assertThat(connection.read("GET").header("Connection")).isEqualTo("close");
            assertThat(connection.isClosedByPeer()).isTrue();
        }
    }

    /** A lingering close is only for clients that may still be sending. It would take half a second each time. */
    @Test
    void aConnectionThatNothingIsLeftOfIsClosedAtOnce() {
        int connections = 20;
        long begun = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            try (RawConnection connection = new RawConnection(service.port())) {
                connection.send("GET", "/profiles/ada", "Connection: close");
                assertThat(connection.read("GET").status()).isEqualTo(200);
                assertThat(connection.isClosedByPeer()).isTrue();
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isLessThan(Duration.ofMillis(500).multipliedBy(connections));
    }

    @Test
    void closeIsFoundAmongOtherOptionsInAnyCase() {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("GET", "/profiles/ada", "Connection: foo, CLOSE");

            assertThat(connection.read("GET").status()).isEqualTo(200);
            assertThat(connection.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void whatFollowsACloseIsNotAnswered() {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("GET", "/profiles/ada", "Connection: close");
            connection.send("GET", "/profiles/grace");

            assertThat(connection.read("GET").json().at("/user/id").stringValue())
                    .isEqualTo("ada");
            assertThat(connection.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() {
        try (RawConnection connection = new RawConnection(service.port())) {
            String request = " HTTP/1.1\r\nHost: test\r\n\r\n";
            connection.sendRaw(
                    "GET /profiles/grace" + request + "GET /nowhere" + request + "GET /profiles/ada" + request);

            assertThat(connection.read("GET").json().at("/user/id").stringValue())
                    .isEqualTo("grace");
            assertThat(connection.read("GET").status()).isEqualTo(404);
            assertThat(connection.read("GET").json().at("/user/id").stringValue())
                    .isEqualTo("ada");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aBodyThatNobodyReadsIsNotTakenForARequest(String method) {
        try (RawConnection connection = new RawConnection(service.port())) {
            String body = "GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n";
            connection.send(method, "/profiles/ada", "Content-Length: " + body.length());
            connection.sendRaw(body);
            connection.send("GET", "/profiles/grace");

            assertThat(connection.read(method).status()).isEqualTo(method.equals("GET") ? 200 : 405);
            assertThat(connection.read("GET").json().at("/user/id").stringValue())
                    .isEqualTo("grace");
        }
    }

    @Test
    void aBodyThatNobodyReadsOnAConnectionThatClosesIsNotTakenForARequest() {
        try (RawConnection connection = new RawConnection(service.port())) {
            String body = "GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n";
            connection.send("GET", "/profiles/ada", "Connection: close", "Content-Length: " + body.length());
            connection.sendRaw(body);

            assertThat(connection.read("GET").status()).isEqualTo(200);
            assertThat(connection.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void aChunkedBodyThatGrowsTooLargeEndsTheConnectionBehindTheAnswer() {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("POST", "/profiles/ada", "Transfer-Encoding: chunked");
            connection.sendRaw("100001\r\n" + "x".repeat(0x100001) + "\r\n");

            assertThat(connection.read("POST").status()).isEqualTo(405);
            assertThat(connection.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void aClientThatSendsAllOfATooLargeBodyBeforeItReadsStillGetsItsAnswer() {
        int size = 3 << 20;
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("POST", "/profiles/ada", "Content-Length: " + size);
            connection.sendRaw("x".repeat(size));

            assertThat(connection.read("POST").status()).isEqualTo(413);
            assertThat(connection.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void aRefusalBeforeTheRouteClosesTheConnection() {
        try (RawConnection connection = new RawConnection(service.port())) {
            connection.sendRaw("nonsense\r\n\r\n");

            RawConnection.Response response = connection.read("GET");
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(connection.isClosedByPeer()).isTrue();
        }
    }
}
