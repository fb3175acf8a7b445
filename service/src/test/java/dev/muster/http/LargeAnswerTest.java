package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.FakeBackend;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An answer of several segments on a connection that stays open. */
class LargeAnswerTest {
    /** The shortest time for which Linux delays an acknowledgement when it has no data to send. */
    private static final Duration DELAYED_ACKNOWLEDGEMENT = Duration.ofMillis(40);

    private static final int REQUESTS = 30;

    @Test
    void itsEndDoesNotWaitForItsBeginningToBeAcknowledged() {
        try (FakeBackend backend =
                        FakeBackend.start(call -> call.json(call.isFor("posts") ? posts() : call.goodBody()));
                Service service = Service.start(backend.baseUri());
                RawConnection client = new RawConnection(service.port())) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < REQUESTS; i++) {
                long begun = System.nanoTime();
                client.send("GET", "/profiles/ada");
                assertThat(client.read("GET").status()).isEqualTo(200);
                // A client acknowledges the first few answers of a connection at once.
                if (i > REQUESTS / 2) {
                    least = Math.min(least, System.nanoTime() - begun);
                }
            }
            assertThat(Duration.ofNanos(least)).isLessThan(DELAYED_ACKNOWLEDGEMENT);
        }
    }

    private static String posts() {
        return "["
                + "{\"id\":1,\"title\":\"a title\",\"body\":\"some forty characters of a body of a post\"},".repeat(99)
                + "{\"id\":2}]";
    }
}
