package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ends of a batch whose ids are done, but whose answer is not written yet: few ids in many places, with larger results
 * than sockets hold, and a client that reads slowly.
 */
class BatchWritingTest {
    private static final int LARGE = 128 << 10;
    /** Ten places for each id, which is the limit. */
    private static final List<String> IDS =
            IntStream.range(0, 160).mapToObj(i -> "large-" + i % 16).toList();

    private static final Duration TIME = Duration.ofSeconds(3);

    private final ScriptedBackend backend = new ScriptedBackend(LARGE);
    private final Service service = Service.start(
            backend.baseUri(),
            Map.of(
                    "bulk.max-buffered-bytes",
                    Integer.toString(Integer.MAX_VALUE),
                    "shutdown.drain",
                    "PT0.3S",
                    "shutdown.cancel",
                    "PT1M"));

    /** The first batch is slow, and must not be the one with little time. */
    @BeforeEach
    void warmUp() {
        Batches.ask(service, List.of("large-0", "large-1"), "Prefer: wait=30");
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    /** A client that reads single bytes on demand, and the rest at the end. */
    private final class Reader implements AutoCloseable {
        private final RawConnection connection = new RawConnection(service.port(), 16 << 10);
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private final Response head;
        private final InputStream body;

        Reader(String... headers) {
            connection.sendRaw(Batches.request(Batches.body(IDS), headers));
            head = connection.readHead();
            assertThat(head.status()).isEqualTo(200);
            body = connection.body(head);
        }

        void readOne() {
            try {
                read.write(body.read());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Answer readRest() {
            try {
                body.transferTo(read);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Answer.of(IDS, new Response(head.status(), head.headers(), read.toString(StandardCharsets.UTF_8)));
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    private static void assertCut(Answer answer, String cause) {
        assertThat(answer.cause()).isEqualTo(cause);
        assertThat(answer.count("succeeded")).isPositive();
        assertThat(answer.count("notAttempted")).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept: application/x-ndjson",
                "Accept: application/json",
                "Accept: application/json\r\nPrefer: handling=strict"
            })
    void itsDeadlineEndsItThoughItIsReadSteadily(String headers) {
        long begun = System.nanoTime();
        try (Reader reader = new Reader(headers, "x-envoy-expected-rq-timeout-ms: " + TIME.toMillis())) {
            Await.until("the deadline has passed", () -> {
                reader.readOne();
                return System.nanoTime() - begun > TIME.toNanos();
            });

            assertCut(reader.readRest(), "deadline");
        }
        BulkState.awaitNothing(service);
    }

    @Test
    void theShutdownEndsItThoughItIsReadSteadily() {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        try (Reader reader = new Reader(Batches.LINES, "Prefer: wait=30")) {
            Thread stopping = Thread.ofPlatform().start(() -> code.complete(service.shutDown()));
            Await.until("running requests are cancelled", () -> {
                reader.readOne();
                return Scrape.of(service).sum("muster_shutdown_phase", Map.of()) == 3;
            });

            assertCut(reader.readRest(), "shutdown");
            Await.end(stopping);
        }
        assertThat(Await.result(code)).isZero();
    }

    /** A place costs a few bytes in the request, and a whole profile in the answer. */
    @Test
    void anIdIsAnsweredAtNoMoreThanTenPlaces() {
        List<String> same = IntStream.range(0, 10_000).mapToObj(_ -> "large-1").toList();

        Response response = Batches.post(service, Batches.body(same));

        assertProblem(response, 413, "too-many-ids");
    }
}
