package dev.muster.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/** Clients that cause everything for which there is an alert or a panel. Each repeats until the end. */
final class Traffic implements AutoCloseable {
    private static final String[] LENIENT = {"Prefer", "handling=lenient"};
    private static final String TIME = "x-envoy-expected-rq-timeout-ms";

    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** Sends requests without a fault. */
    void good(Instance instance) {
        repeat(() -> instance.profile("ada"));
        repeat(() -> instance.profile("somebody"));
    }

    /** Sends requests whose backends fail, to an instance with room for all. */
    void bad(Instance instance) {
        repeat(() -> instance.profile("nobody"));
        repeat(() -> instance.profile("faulty"));
        repeat(() -> instance.profile("faulty", LENIENT));
        repeat(() -> instance.profile("slow"));
        repeat(() -> instance.profile("slow", TIME, "300"));
        repeat(() -> instance.profile("ada", "Prefer", "wait=soon"));
        repeat(() -> instance.batch(List.of("ada", "somebody")));
        repeat(() -> instance.batch(List.of("ada", "faulty", "nobody")));
        repeat(() -> instance.batch(Instance.ids("slow", 60)));
        repeat(() -> leave(instance));
    }

    /** Sends more requests than an instance with little room can serve. */
    void tooMuch(Instance instance) {
        for (int client = 0; client < 8; client++) {
            // These have time to wait for their turn. A request with less time is rejected at once.
            repeat(() -> instance.profile("slow", TIME, "8000"));
        }
        for (int client = 0; client < 3; client++) {
            repeat(() -> instance.profile("slow", LENIENT));
        }
        for (int client = 0; client < 15; client++) {
            repeat(() -> instance.profile("ada"));
        }
        repeat(() -> instance.profile("ada", TIME, "100"));
        for (int client = 0; client < 3; client++) {
            repeat(() -> instance.batch(Instance.ids("slow", 8)));
        }
    }

    private void repeat(IntSupplier request) {
        clients.execute(() -> {
            try {
                while (!enough.get()) {
                    request.getAsInt();
                    pause(50);
                }
            } catch (RuntimeException | AssertionError e) {
                failures.add(e);
            }
        });
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Leaves while the request is being served, and late enough for the service to notice. */
    private static int leave(Instance instance) {
        try (Socket socket = instance.connect()) {
            Instance.askForProfile(socket, "slow");
            pause(400);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    /** Pauses a process while many requests are in flight, until after their deadlines. */
    void oversleep(Instance instance) {
        instance.process.awaitUntil("answers come late", () -> {
            List<CompletableFuture<Integer>> asked = IntStream.range(0, 40)
                    .mapToObj(_ -> CompletableFuture.supplyAsync(() -> instance.profile("slow", TIME, "700"), clients))
                    .toList();
            pause(400);
            instance.process.signal("STOP");
            pause(800);
            instance.process.signal("CONT");
            asked.forEach(CompletableFuture::join);
            return late(instance) >= 20;
        });
    }

    /** Leaves a process without files, so that it cannot accept a client or write its log. */
    void withoutFiles(Instance instance) {
        // Opens the connection for the metrics that are asked for below.
        instance.metric("up");
        instance.process.limit("1", "1");
        try (Socket _ = instance.connect()) {
            instance.process.awaitUntil(
                    "the service cannot accept", () -> instance.metric("muster_server_accept_failures_total") > 0);
            instance.process.awaitUntil(
                    "log lines are lost", () -> instance.metric("muster_log_lines_dropped_total") > 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            instance.process.limit("1024", "unlimited");
        }
    }

    private static double late(Instance instance) {
        String name = "muster_deadline_overshoot_seconds";
        return instance.metric(name + "_count") - instance.metric(name + "_bucket", "le=\"0.1\"");
    }

    /** Asks for more than fits into any buffer. Reads too slowly to reach the end, but too fast to be cut off. */
    void readSlowly(Instance instance, List<String> ids) {
        readSlowly(instance, socket -> Instance.askForLines(socket, ids));
    }

    /** The same with a single profile, whose answer is always written to its end. */
    void readSlowly(Instance instance, String id) {
        readSlowly(instance, socket -> Instance.askForProfile(socket, id));
    }

    private interface Question {
        void askOn(Socket socket) throws IOException;
    }

    private void readSlowly(Instance instance, Question question) {
        clients.submit(() -> {
            try (Socket socket = instance.connect()) {
                question.askOn(socket);
                InputStream in = socket.getInputStream();
                byte[] some = new byte[4096];
                while (in.read(some) >= 0) {
                    pause(20);
                }
            }
            return null;
        });
    }

    /** Stops all clients. Fails if one of them has failed. */
    void end() {
        enough.set(true);
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.peek());
        }
    }

    @Override
    public void close() {
        enough.set(true);
        clients.shutdownNow();
    }
}
