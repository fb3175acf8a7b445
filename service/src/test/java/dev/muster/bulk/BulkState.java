package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Scrape;
import dev.muster.testing.Service;
import dev.muster.testing.SocketTable;
import dev.muster.testing.ThreadDump;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The resources that batches hold at one moment.
 *
 * @param queued waiting ids
 * @param active workers that run an id
 * @param buffered bytes of requests and results
 */
record BulkState(int queued, int active, long buffered) {
    static BulkState of(Service service) {
        return of(Scrape.of(service));
    }

    static BulkState of(Scrape scrape) {
        return new BulkState((int) gauge(scrape, "queued_items"), (int) gauge(scrape, "active_workers"), (long)
                gauge(scrape, "buffered_bytes"));
    }

    private static double gauge(Scrape scrape, String name) {
        List<Scrape.Sample> samples = scrape.samples("muster_bulk_" + name, Map.of());
        assertThat(samples).as(name).hasSize(1);
        return samples.getFirst().value();
    }

    /** Waits until {@code count} ids wait. */
    static void awaitQueued(Service service, int count) {
        Await.until(count + " ids wait", () -> of(service).queued() == count);
    }

    /** Waits until batches hold {@code bytes} or more. */
    static void awaitBuffered(Service service, long bytes) {
        Await.until(bytes + " bytes are held", () -> of(service).buffered() >= bytes);
    }

    /** Waits until no batch holds anything: no id, no active worker, no byte, no connection in use. */
    static void awaitNothing(Service service) {
        Await.until("batches hold nothing", () -> of(service).equals(new BulkState(0, 0, 0)));
        for (String backend : BackendNames.LABELS) {
            Await.until("no call to " + backend + " waits", () -> service.waiting(backend) == 0);
            Await.until(
                    "no connection to " + backend + " is in use", () -> service.connections(backend, "active") == 0);
        }
        Await.until(
                "no request is in flight", () -> Scrape.of(service).sum("http_server_active_requests", Map.of()) == 0);
    }

    /** Waits until the service has only idle connections to its backends, and only the threads of an idle service. */
    static void awaitNoSocketsOrThreads(Service service, FakeBackend backend) {
        Await.until(
                "all connections of clients are closed",
                () -> Scrape.of(service).sum("muster_server_open_connections", Map.of("listener", "server")) == 0);
        assertThat(SocketTable.openAt(service.port())).isEmpty();
        int idle = 0;
        for (String name : BackendNames.LABELS) {
            idle += service.connections(name, "idle");
        }
        assertThat(SocketTable.openTo(backend.port())).hasSize(idle);
        ThreadDump threads = ThreadDump.take();
        assertThat(threads.threadsOfFanOuts()).isEmpty();
        assertThat(threads.named("client-input")).isZero();
        assertThat(threads.named("bulk-worker-1")).isOne();
    }

    /** The ids that a backend was asked for and that begin with {@code prefix}. */
    static Set<String> asked(FakeBackend backend, String prefix) {
        return backend.calls().stream()
                .map(Call::id)
                .filter(id -> id.startsWith(prefix))
                .collect(Collectors.toSet());
    }
}
