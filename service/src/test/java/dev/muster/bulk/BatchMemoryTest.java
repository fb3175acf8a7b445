package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Scrape;
import dev.muster.testing.ServiceProcess;
import dev.muster.testing.Soak;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Batches with more results than fit into the heap, and slow clients: they take more time, but not more memory. */
class BatchMemoryTest {
    private static final int WORKERS = 32;
    /** Lines that a client reads before it waits until all others have read as many. */
    private static final int AT_ONCE = 10;

    private static final long PATIENCE_MINUTES = 10;

    /**
     * @param heap in MiB
     * @param bytes of a profile's posts, which are nearly all of it
     */
    private record Load(int heap, int batches, int ids, int bytes) {
        /** The memory for results, plus the most that the workers bring at once. */
        long mostBuffered() {
            return ((long) heap << 20) / 8 + WORKERS * (bytes + 1024L);
        }
    }

    @Test
    void batchesWhoseCreditIsWorthMoreThanTheHeapStayInTheMemoryThereIs() throws Exception {
        // The sockets of a connection hold 4 MiB of results.
        Load load = Soak.times(1, 2) == 1 ? new Load(48, 16, 100, 64 << 10) : new Load(256, 50, 150, 96 << 10);
        run(load, ((long) load.heap() << 20) / 10);
    }

    @Test
    void fiftyBatchesThatAreReadSlowlyLoseNothing() throws Exception {
        Load load = new Load(256, 50, Soak.times(60, 1000), 8 << 10);
        run(load, Soak.times(0, load.batches() * Batch.CREDIT * load.bytes() / 10 * 9));
    }

    /**
     * Has every client read its first line, waits until {@code full} bytes are held, then lets all read on.
     *
     * @param full at most the bytes held in the end if no client reads
     */
    private static void run(Load load, long full) throws Exception {
        String posts = "[{\"id\":\"p\",\"title\":\"Title\",\"body\":\"" + "x".repeat(load.bytes()) + "\"}]";
        CountDownLatch begun = new CountDownLatch(load.batches());
        CountDownLatch readOn = new CountDownLatch(1);
        List<CompletableFuture<Void>> readers = new ArrayList<>();
        try (FakeBackend backend = FakeBackend.start(call -> answer(call, posts));
                ServiceProcess service = ServiceProcess.launch("serve")
                        .backends(backend.baseUri())
                        .java("-Xmx" + load.heap() + "m")
                        .set("bulk.workers", Integer.toString(WORKERS))
                        .set("bulk.deadline.max", "PT5M")
                        .set("bulk.deadline.default", "PT5M")
                        .set("connection.write-timeout", "PT5M")
                        .start()) {
            int port = service.port();
            CyclicBarrier step = new CyclicBarrier(load.batches(), () -> assertBufferedWithin(load, service));
            for (int i = 0; i < load.batches(); i++) {
                List<String> ids = BatchClient.ids("batch" + i, load.ids());
                readers.add(CompletableFuture.runAsync(
                        () -> read(port, ids, load.bytes(), begun, readOn, step),
                        task -> Thread.ofVirtual().start(task)));
            }
            assertThat(begun.await(PATIENCE_MINUTES, TimeUnit.MINUTES)).isTrue();
            awaitFull(load, service, full);
            // While one batch is read to its end, the others have time to take more than they may.
            List<String> other = BatchClient.ids("other", load.ids());
            try (BatchClient client = new BatchClient(port)) {
                client.post(other, BatchClient.LINES).rest().assertComplete(other);
            }
            assertBufferedWithin(load, service);
            readOn.countDown();
            CompletableFuture.allOf(readers.toArray(CompletableFuture[]::new)).get(PATIENCE_MINUTES, TimeUnit.MINUTES);

            Await.until("nothing is held", () -> buffered(service) == 0);
            service.signal("TERM");
            assertThat(service.awaitExit()).isZero();
            assertThat(service.out()).noneMatch(line -> line.contains("OutOfMemory"));
            assertThat(service.err()).isEmpty();
        }
    }

    private static void answer(Call call, String posts) throws Exception {
        if (call.isFor("posts") && call.id().startsWith("batch")) {
            call.json(posts);
        } else {
            call.answerWell();
        }
    }

    /** Waits as long as there is progress. */
    private static void awaitFull(Load load, ServiceProcess service, long full) {
        while (buffered(service) < full) {
            double before = ended(service);
            Await.until("more ids are done", () -> ended(service) > before || buffered(service) >= full);
            assertBufferedWithin(load, service);
        }
    }

    private static double ended(ServiceProcess service) {
        return Scrape.of(service.admin("/metrics")).sum("muster_bulk_items_total", Map.of());
    }

    private static void assertBufferedWithin(Load load, ServiceProcess service) {
        assertThat(buffered(service)).isLessThanOrEqualTo(load.mostBuffered());
    }

    private static long buffered(ServiceProcess service) {
        return BulkState.of(Scrape.of(service.admin("/metrics"))).buffered();
    }

    private static void read(
            int port, List<String> ids, int bytes, CountDownLatch begun, CountDownLatch readOn, CyclicBarrier step) {
        try (BatchClient client = new BatchClient(port)) {
            client.post(ids, BatchClient.LINES);
            Set<String> missing = new HashSet<>(ids);
            takeLine(client, ids, missing, bytes);
            begun.countDown();
            assertThat(readOn.await(PATIENCE_MINUTES, TimeUnit.MINUTES)).isTrue();
            while (!missing.isEmpty()) {
                takeLine(client, ids, missing, bytes);
                if (missing.size() % AT_ONCE == 0) {
                    step.await(PATIENCE_MINUTES, TimeUnit.MINUTES);
                }
            }
            JsonNode summary = client.rest().summary();
            assertThat(summary.path("succeeded").asInt()).isEqualTo(ids.size());
            assertThat(summary.path("requested").asInt()).isEqualTo(ids.size());
            assertThat(summary.has("cause")).isFalse();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void takeLine(BatchClient client, List<String> ids, Set<String> missing, int bytes) {
        String line = client.line();
        assertThat(line).isNotNull().hasSizeGreaterThan(bytes);
        JsonNode result = JsonMapper.shared().readTree(line);
        String id = ids.get(result.path("index").asInt());
        assertThat(result.path("id").asString()).isEqualTo(id);
        assertThat(result.path("complete").asBoolean()).isTrue();
        assertThat(result.at("/profile/posts/0/body").asString()).hasSize(bytes);
        assertThat(missing.remove(id)).as("the first result for " + id).isTrue();
    }
}
