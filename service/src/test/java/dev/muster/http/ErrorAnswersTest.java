package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.connection.HttpViolation;
import dev.muster.logging.CapturedLog;
import dev.muster.monitoring.AccessLog;
import dev.muster.testing.RawConnection;
import java.io.IOException;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Errors that no endpoint of the service has today: of a handler with a defect, and of one that reads a body. */
class ErrorAnswersTest {
    private final CapturedLog log = new CapturedLog();
    private HttpListener listener;

    @BeforeEach
    void start() throws IOException {
        Endpoint defect = Endpoint.get("/defect", List.of("text/plain"), List.of(), (_, _, _) -> {
            throw new IllegalStateException("not foreseen, and secret");
        });
        Endpoint reader = Endpoint.post(
                "/reader",
                "text/plain",
                List.of("text/plain"),
                List.of(),
                (request, response, _) -> ResponseWriter.send(
                        request,
                        response,
                        200,
                        io.helidon.http.HeaderValues.CONTENT_TYPE_TEXT_PLAIN,
                        Listening.readBody(request)));
        listener = Listening.start(List.of(defect, reader), new AccessLog(Level.INFO));
    }

    @AfterEach
    void stop() {
        listener.close();
        log.close();
    }

    @Test
    void aDefectIsAProblemThatSaysNothingOfIt() {
        try (RawConnection connection = new RawConnection(listener.port())) {
            connection.send("GET", "/defect");
            RawConnection.Response response = connection.read("GET");

            assertThat(response.status()).isEqualTo(500);
            assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/internal-error");
            assertThat(response.body()).doesNotContain("secret", "IllegalState", "dev.muster");
        }
    }

    @Test
    void aDefectIsLoggedWithItsStackTrace() {
        try (RawConnection connection = new RawConnection(listener.port())) {
            connection.send("GET", "/defect", "X-Request-Id: r1");
            connection.read("GET");

            CapturedLog.Line line = log.line("r1");
            assertThat(line.record().getLevel()).isEqualTo(Level.SEVERE);
            assertThat(line.fields()).containsEntry("status", 500);
            assertThat(line.text()).contains("java.lang.IllegalStateException: not foreseen", "    at dev.muster.http");
            assertThat(line.parsed().path("stackTrace").stringValue()).contains("IllegalStateException", "\tat ");
        }
    }

    @Test
    void aDefectLeavesTheConnectionUsable() {
        try (RawConnection connection = new RawConnection(listener.port())) {
            connection.send("HEAD", "/defect", "X-Request-Id: r1");
            connection.send("GET", "/defect", "X-Request-Id: r2");

            RawConnection.Response head = connection.read("HEAD");
            RawConnection.Response get = connection.read("GET");
            assertThat(head.status()).isEqualTo(500);
            assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
            assertThat(get.json().path("requestId").stringValue()).isEqualTo("r2");
        }
    }

    @Test
    void theReasonOfARefusalIsLoggedAndNothingThatWasSent() {
        try (RawConnection connection = new RawConnection(listener.port())) {
            connection.sendRaw("GET /reader HTTP/1.1\r\nHost: s3cret/\r\n\r\n");
            RawConnection.Response response = connection.read("GET");

            assertThat(response.json().path("detail").stringValue()).isEqualTo(HttpViolation.HOST.detail());
            CapturedLog.Line line = log.line(response);
            assertThat(line.fields()).containsEntry("detail", HttpViolation.HOST.detail());
            assertThat(line.text()).doesNotContain("s3cret");
        }
    }

    @Test
    void aChunkedBodyThatGrowsTooLargeIsAProblem() {
        try (RawConnection connection = new RawConnection(listener.port())) {
            connection.send("POST", "/reader", "Content-Type: text/plain", "Transfer-Encoding: chunked");
            // The size alone is enough to reject the body.
            connection.sendRaw("100001\r\n");
            RawConnection.Response response = connection.read("POST");

            assertThat(response.status()).isEqualTo(413);
            assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/payload-too-large");
            assertThat(response.json().path("instance").stringValue()).isEqualTo("/reader");
            assertThat(log.line(response).fields()).containsEntry("status", 413);
        }
    }

    @Test
    void aChunkedBodyOfTheLargestSizeIsRead() {
        try (RawConnection connection = new RawConnection(listener.port())) {
            connection.send("POST", "/reader", "Content-Type: text/plain", "Transfer-Encoding: chunked");
            connection.sendRaw("100000\r\n" + "x".repeat(0x100000) + "\r\n0\r\n\r\n");

            RawConnection.Response response = connection.read("POST");
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).hasSize(0x100000);
        }
    }
}
