import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends strict and lenient requests at fixed rates, whatever becomes of them, and says what each kind got: {@code java
 * Shares.java URL SECONDS STRICT LENIENT}, with the rates per second. What is sent in the first fifth is not counted.
 * One line of whole numbers goes to standard output: of the strict ones sent, whole, refused and otherwise, then of the
 * lenient ones sent, whole, partial, refused and otherwise.
 */
final class Shares {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI target;
    private final long endNanos;
    private final long countFromNanos;

    private Shares(URI target, Duration duration) {
        this.target = target;
        long now = System.nanoTime();
        this.endNanos = now + duration.toNanos();
        this.countFromNanos = now + duration.dividedBy(5).toNanos();
    }

    /** Requests of one kind, and what has become of them. */
    private final class Kind {
        private final HttpRequest request;
        private final LongAdder sent = new LongAdder();
        private final LongAdder whole = new LongAdder();
        private final LongAdder partial = new LongAdder();
        private final LongAdder refused = new LongAdder();
        private final LongAdder other = new LongAdder();

        Kind(String handling) {
            request = HttpRequest.newBuilder(target)
                    .header("Prefer", "handling=" + handling)
                    .timeout(PATIENCE)
                    .build();
        }

        /** Sends so many per second until the end, and returns once all are answered. */
        void send(int perSecond) {
            List<Thread> senders = new ArrayList<>();
            for (long at = System.nanoTime(); perSecond > 0 && at < endNanos; at += 1_000_000_000L / perSecond) {
                LockSupport.parkNanos(at - System.nanoTime());
                boolean counted = at >= countFromNanos;
                senders.add(Thread.ofVirtual().start(() -> sendOne(counted)));
            }
            senders.forEach(Shares::join);
        }

        private void sendOne(boolean counted) {
            LongAdder end = answer();
            if (counted) {
                sent.increment();
                end.increment();
            }
        }

        private LongAdder answer() {
            try {
                HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
                return switch (response.statusCode()) {
                    case 200 ->
                        response.headers()
                                        .firstValue("Profile-Complete")
                                        .orElse("")
                                        .equals("true")
                                ? whole
                                : partial;
                    case 503 -> refused;
                    default -> other;
                };
            } catch (IOException | InterruptedException e) {
                return other;
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] arguments) {
        Shares shares = new Shares(URI.create(arguments[0]), Duration.ofSeconds(Integer.parseInt(arguments[1])));
        Kind strict = shares.new Kind("strict");
        Kind lenient = shares.new Kind("lenient");
        Thread beside = Thread.ofPlatform().start(() -> strict.send(Integer.parseInt(arguments[2])));
        lenient.send(Integer.parseInt(arguments[3]));
        join(beside);
        System.out.printf(
                "%d %d %d %d %d %d %d %d %d%n",
                strict.sent.sum(),
                strict.whole.sum(),
                strict.refused.sum(),
                strict.partial.sum() + strict.other.sum(),
                lenient.sent.sum(),
                lenient.whole.sum(),
                lenient.partial.sum(),
                lenient.refused.sum(),
                lenient.other.sum());
    }
}
