package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.logging.CapturedLog;
import dev.muster.monitoring.AccessLog;
import dev.muster.problem.RequestRejected;
import dev.muster.request.ProfileId;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A defect in the middle of an answer, after its status is sent: the client can see it, and the log has it. */
class BatchDefectTest {
    private static final String BEGUN = "{\"results\":[";

    private final CapturedLog log = new CapturedLog();
    private HttpListener listener;
    private volatile Throwable raised;

    /** The exceptions to throw. */
    enum Defect {
        UNFORESEEN,
        AN_ERROR,
        /** Helidon would mistake it for a closed connection to its client. */
        OF_A_SOCKET,
        REJECTED,
        CHECKED;

        Throwable make() {
            return switch (this) {
                case UNFORESEEN -> new IllegalStateException("unforeseen");
                case AN_ERROR -> new AssertionError("unforeseen");
                case OF_A_SOCKET -> new IllegalStateException("unforeseen", new SocketException("Connection reset"));
                case REJECTED -> new RequestRejected.BadId(ProfileId.RULE);
                case CHECKED -> new IOException("unforeseen");
            };
        }
    }

    private void raise(Throwable defect) throws Exception {
        raised = defect;
        if (defect instanceof Error e) {
            throw e;
        }
        throw (Exception) defect;
    }

    @BeforeEach
    void start() throws IOException {
        Endpoint endpoint =
                Endpoint.get("/{defect}", List.of("application/json"), List.of(), (request, response, _) -> {
                    OutputStream out = ResponseWriter.stream(
                            request, response, HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json"));
                    out.write(BEGUN.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    raise(Defect.valueOf(Exchange.current().path().substring(1)).make());
                });
        listener = Listening.start(List.of(endpoint), new AccessLog(Level.INFO));
    }

    @AfterEach
    void stop() {
        listener.close();
        log.close();
    }

    @ParameterizedTest
    @EnumSource
    void theConnectionEndsWithoutTheLastChunkAndTheLogSaysThatItIsADefect(Defect defect) throws IOException {
        try (RawConnection client = new RawConnection(listener.port())) {
            client.send("GET", "/" + defect);
            Response head = client.readHead();
            var body = client.body(head);

            assertThat(head.status()).isEqualTo(200);
            assertThat(new String(body.readNBytes(BEGUN.length()), StandardCharsets.UTF_8))
                    .isEqualTo(BEGUN);
            assertThatExceptionOfType(EOFException.class).isThrownBy(body::read);
            CapturedLog.Line line = log.line(head);
            assertThat(line.fields())
                    .containsEntry("status", 500)
                    .containsEntry("problem", "internal-error")
                    .doesNotContainKey("outcome");
            assertThat(line.record().getLevel()).isEqualTo(Level.SEVERE);
            assertThat(line.record().getThrown()).isSameAs(raised);
        }
    }
}
