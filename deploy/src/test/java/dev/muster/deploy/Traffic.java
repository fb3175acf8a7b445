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

/** Clients that bring about all that there is an alert or a panel for, each again and again until it is enough. */
final class Traffic implements AutoCloseable {
    private static final String[] LENIENT = {"Prefer", "handling=lenient"};
    private static final String TIME = "x-envoy-expected-rq-timeout-ms";

    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** Asks for what there is nothing wrong with. */
    void good(Instance instance) {
        repeat(() -> instance.profile("ada"));
        repeat(() -> instance.profile("somebody"));
    }

    /** Asks an instance with room for all for what its backends make go wrong. */
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

    /** Asks an instance with little room for more than it has. */
    void tooMuch(Instance instance) {
        for (int client = 0; client < 8; client++) {
            // With time enough for all of these to wait for their turn: who has less is refused at once.
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

    /** Goes while its request is being served, and later than the service looks for that. */
    private static int leave(Instance instance) {
        try (Socket socket = instance.connect()) {
            Instance.askForProfile(socket, "slow");
            pause(400);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    /** Has a process stand still while many requests are in flight, past their deadlines. */
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

    /** Has a process find no file to accept a client with, and nothing to write its log to. */
    void withoutFiles(Instance instance) {
        // On a connection that is kept for what is asked below.
        instance.metric("up");
        instance.process.limit("1", "1");
        try (Socket _ = instance.connect()) {
            instance.process.awaitUntil(
                    "it cannot accept", () -> instance.metric("muster_server_accept_failures_total") > 0);
            instance.process.awaitUntil("its log is lost", () -> instance.metric("muster_log_lines_dropped_total") > 0);
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

    /** Asks for more than fits into any buffer, and reads it too slowly to come to an end, but too fast to be cut off. */
    void readSlowly(Instance instance, List<String> ids) {
        readSlowly(instance, socket -> Instance.askForLines(socket, ids));
    }

    /** The same of a single profile, whose answer is written to its end, whatever happens. */
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

    /** Nobody asks again. Fails if anybody could not do what they were to. */
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
