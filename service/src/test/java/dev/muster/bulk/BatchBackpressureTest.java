package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.logging.CapturedLog;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client that reads slowly, or not at all, delays no other, and costs the service limited memory. */
class BatchBackpressureTest {
    private static final int WORKERS = 4;
    /** Larger than a piece, so that each result is its own piece. Sockets hold only a few. */
    private static final int LARGE = 256 << 10;
    /** A batch's memory holds more than one of these, a piece holds none. */
    private static final int MEDIUM = 32 << 10;

    private static final int HANGING_CALLS = (WORKERS - 1) * BackendNames.CALLS_OF_A_REQUEST;

    private final CountDownLatch hanging = new CountDownLatch(HANGING_CALLS);
    private final CountDownLatch hangingClosed = new CountDownLatch(HANGING_CALLS);
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final CapturedLog log = new CapturedLog();
    private Service service;

    private void start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "bulk.workers", Integer.toString(WORKERS),
                "bulk.max-buffered-bytes", Integer.toString(Integer.MAX_VALUE),
                "bulk.deadline.max", "PT5M",
                "bulk.deadline.default", "PT5M",
                "connection.write-timeout", "PT5M"));
        all.putAll(settings);
        service = Service.start(backend.baseUri(), all);
    }

    private void answer(Call call) throws Exception {
        if (call.id().startsWith("large-after")) {
            Await.latch(hanging);
        }
        if (call.id().startsWith("hangs")) {
            hanging.countDown();
            call.awaitPeerClosed();
            hangingClosed.countDown();
        } else if (call.isFor("posts") && call.id().startsWith("large")) {
            call.json(posts(LARGE));
        } else if (call.isFor("posts") && call.id().startsWith("medium")) {
            call.json(posts(MEDIUM));
        } else {
            call.answerWell();
        }
    }

    private static String posts(int length) {
        return "[{\"id\":\"p\",\"title\":\"Title\",\"body\":\"" + "x".repeat(length) + "\"}]";
    }

    @AfterEach
    void stop() {
        service.close();
        backend.close();
        log.close();
    }

    @Test
    void aBatchThatNobodyReadsStartsNoMoreThanItsCreditBeyondWhatTheSocketsTake() {
        start(Map.of());
        List<String> large = BatchClient.ids("large", 200);
        try (BatchClient stopped = new BatchClient(service.port())) {
            stopped.post(large, BatchClient.LINES);
            awaitStuck(1);

            // This gives the large batch the time to start as many more, if nothing limits it.
            readOther(large.size());
            assertThat(BulkState.asked(backend, "large").size())
                    .as("ids begun")
                    .isLessThanOrEqualTo(Batch.CREDIT + largeInSockets());

            stopped.rest().assertComplete(large);
        }
        BulkState.awaitNothing(service);
    }

    @Test
    void anIdThatIsRepeatedGivesItsCreditBackOnce() {
        start(Map.of());
        List<String> large = new ArrayList<>();
        for (String id : BatchClient.ids("large", 150)) {
            large.addAll(List.of(id, id, id, id));
        }
        try (BatchClient stopped = new BatchClient(service.port())) {
            stopped.post(large, BatchClient.LINES);
            awaitStuck(1);

            readOther(100);
            assertThat(BulkState.asked(backend, "large").size())
                    .as("ids begun")
                    .isLessThanOrEqualTo(Batch.CREDIT + largeInSockets() / 4 + 1);
        }
        BulkState.awaitNothing(service);
    }

    @Test
    void aSingleRequestIsAnsweredWhileBatchesAreNotRead() {
        start(Map.of());
        List<BatchClient> stopped = new ArrayList<>();
        try {
            // One batch for each worker: no worker may get stuck.
            for (int i = 0; i < WORKERS; i++) {
                BatchClient client = new BatchClient(service.port());
                stopped.add(client);
                client.post(BatchClient.ids("large" + i, 200), BatchClient.LINES);
            }
            awaitStuck(WORKERS);

            assertProfile(service.get("/profiles/ada"), "ada");
            readOther(20);
            assertThat(BulkState.of(service).active()).isZero();
        } finally {
            stopped.forEach(BatchClient::close);
        }
        BulkState.awaitNothing(service);
    }

    @Test
    void aBatchGoesOnAsFarAsItIsRead() {
        start(Map.of());
        List<String> large = BatchClient.ids("large", 200);
        try (BatchClient slow = new BatchClient(service.port())) {
            slow.post(large, BatchClient.LINES);
            int read = 0;
            while (read + Batch.CREDIT + largeInSockets() < large.size()) {
                awaitStuck(1);
                assertThat(BulkState.asked(backend, "large").size())
                        .as("started ids after " + read + " were read")
                        .isBetween(Batch.CREDIT + read, Batch.CREDIT + read + largeInSockets());
                readOther(20);
                for (int i = 0; i < 20; i++) {
                    assertThat(slow.line()).contains("\"complete\":true");
                }
                read += 20;
            }
            assertThat(slow.rest().results()).hasSize(large.size() - read);
        }
        BulkState.awaitNothing(service);
    }

    @Test
    void aReaderThatStopsForTooLongIsCutOff() {
        start(Map.of("connection.write-timeout", "PT0.2S"));
        List<String> ids = new ArrayList<>(BatchClient.ids("hangs", WORKERS - 1));
        ids.addAll(BatchClient.ids("large-after", Batch.CREDIT + largeInSockets()));
        ids.addAll(BatchClient.ids("never", 500));
        try (BatchClient stopped = new BatchClient(service.port())) {
            stopped.post(ids, BatchClient.LINES, "X-Request-Id: r1");

            assertThat(log.line("r1").fields()).containsEntry("status", 499).containsEntry("endedBy", "client-gone");
            Await.latch(hangingClosed);
            BulkState.awaitNothing(service);
            BulkState.awaitNoSocketsOrThreads(service, backend);
        }
        assertThat(Scrape.of(service).sum("muster_server_connections_cut_total", Map.of("reason", "write-timeout")))
                .isEqualTo(1);
        assertThat(Scrape.of(service).sum("muster_bulk_batches_total", Map.of("result", "client-gone")))
                .isEqualTo(1);
        assertThat(BulkState.asked(backend, "never")).isEmpty();
        readOther(20);
    }

    @Test
    void batchesThatAreNotReadHoldNoMoreThanTheMemoryThereIs() {
        int memory = 4 << 20;
        int batches = 6;
        start(Map.of("bulk.max-buffered-bytes", Integer.toString(memory)));
        long most = memory + WORKERS * (MEDIUM + 1024L);
        List<BatchClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < batches; i++) {
                BatchClient client = new BatchClient(service.port());
                clients.add(client);
                client.post(BatchClient.ids("medium" + i, 180), BatchClient.LINES);
            }
            // Each batch holds as much as is free, or more. So all six hold six sevenths.
            long full = memory / (batches + 1L) * batches;
            Await.until("memory is full", () -> {
                long buffered = BulkState.of(service).buffered();
                assertThat(buffered).isLessThanOrEqualTo(most);
                return buffered >= full;
            });

            // A batch that holds nothing completes. Meanwhile the others have time to take more, if nothing limits
            // them.
            for (int i = 0; i < 3; i++) {
                readOther(100);
                assertThat(BulkState.of(service).buffered()).isBetween(full, most);
            }

            for (int i = 0; i < batches; i++) {
                clients.get(i).rest().assertComplete(BatchClient.ids("medium" + i, 180));
            }
        } finally {
            clients.forEach(BatchClient::close);
        }
        BulkState.awaitNothing(service);
    }

    /** Waits until {@code batches} batches of large profiles have used up their credit. */
    private void awaitStuck(int batches) {
        // Only the last result of each batch completes this sum: the rest of a profile is small beside its posts.
        BulkState.awaitBuffered(service, (long) batches * Batch.CREDIT * LARGE);
    }

    /** Posts a batch of small profiles, and reads its whole answer. */
    private void readOther(int count) {
        List<String> ids = BatchClient.ids("other", count);
        try (BatchClient other = new BatchClient(service.port())) {
            other.post(ids, BatchClient.LINES).rest().assertComplete(ids);
        }
    }

    /** The most large profiles on the way to a client that does not read: in both sockets, and in a piece. */
    private static int largeInSockets() {
        return (sendBuffer() + BatchClient.READ_AHEAD) / LARGE + 1;
    }

    /** The most bytes of a socket's send buffer in Linux: the last of three numbers. */
    private static int sendBuffer() {
        // The kernel shows the whole value only to a single read.
        byte[] sizes = new byte[128];
        try (InputStream in = Files.newInputStream(Path.of("/proc/sys/net/ipv4/tcp_wmem"))) {
            String[] words = new String(sizes, 0, in.read(sizes), StandardCharsets.US_ASCII)
                    .strip()
                    .split("\\s+", -1);
            return Integer.parseInt(words[2]);
        } catch (IOException e) {
            throw new AssertionError("cannot read the kernel's limits of socket buffers; only Linux has this file", e);
        }
    }
}
