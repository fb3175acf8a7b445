package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.concurrent.FanOut;
import dev.muster.concurrent.FanOut.Branch;
import dev.muster.concurrent.Outcome;
import dev.muster.config.AppConfig.BackendConfig;
import dev.muster.config.BackendName;
import dev.muster.config.Secret;
import dev.muster.profile.Part;
import dev.muster.profile.Profile.User;
import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client alone, with one connection, for callers with different deadlines. */
class BackendClientTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final CallContext CONTEXT = new CallContext(0, "request-id", null, null, Map.of(), CallClass.SINGLE);

    private final CountDownLatch held = new CountDownLatch(1);
    private final FakeBackend backend = FakeBackend.start(this::answerUnlessHeld);
    private final DeadlineTicker ticker = new DeadlineTicker();
    private BackendClient<User> client;

    private void answerUnlessHeld(Call call) throws Exception {
        if (call.id().equals("held")) {
            held.await();
        }
        call.answerWell();
    }

    @BeforeEach
    void start() throws IOException {
        BackendConfig config = new BackendConfig(
                URI.create(backend.baseUri()),
                LONG,
                1,
                100,
                LONG,
                10_000,
                true,
                List.of(),
                Optional.empty(),
                new Secret(""),
                LONG,
                0);
        client =
                BackendClient.open(BackendName.USER, config, Part.ALL.getFirst().reader(), 100, ticker);
    }

    @AfterEach
    void stop() {
        client.close();
        ticker.close();
        backend.close();
    }

    @Test
    void aCallWhoseDeadlinePassesWhileItWaitsNeverReachesTheBackend() {
        Branch<User> holding;
        Branch<User> waiting;
        try (FanOut fanOut = FanOut.open(ticker, new Cancellation(), Deadline.after(LONG), List::isEmpty)) {
            holding = fork(fanOut, "held", LONG);
            backend.awaitCalls(1);
            waiting = fork(fanOut, "waiting", Duration.ofMillis(50));
            Await.until("it has ended", () -> waiting.outcome() != null);
            held.countDown();
            fanOut.join();
        }

        assertThat(waiting.outcome()).isInstanceOf(Outcome.TimedOut.class);
        assertThat(holding.outcome()).isInstanceOf(Outcome.Success.class);
        assertThat(backend.calls()).extracting(Call::id).containsExactly("held");
        assertThat(client.poolUsage()).isEqualTo(new BackendClient.PoolUsage(0, 1, 0));
    }

    @Test
    void theTimeoutToldToTheBackendIsNeverZeroWhichWouldMeanNone() throws Exception {
        Deadline almostPassed = Deadline.after(Duration.ofNanos(1000), () -> 0);

        client.get("ada", almostPassed, CONTEXT, new CallTimes(CONTEXT));

        assertThat(backend.calls().getFirst().headers(BackendClient.TIMEOUT_HEADER))
                .containsExactly("1");
    }

    @Test
    void callersInterruptedJustAsTheyAreHandedTheConnectionLoseItNever() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                callers.add(Thread.ofVirtual().start(this::callOnce));
            }
            callers.stream().filter(_ -> random.nextBoolean()).forEach(Thread::interrupt);
            callers.forEach(Await::end);
        }

        assertThat(client.poolUsage().active()).isZero();
        assertThat(client.poolUsage().waiting()).isZero();
        assertThat(client.get("ada", Deadline.after(LONG), CONTEXT, new CallTimes(CONTEXT))
                        .id())
                .isEqualTo("ada");
    }

    private void callOnce() {
        try {
            client.get("ada", Deadline.after(LONG), CONTEXT, new CallTimes(CONTEXT));
        } catch (InterruptedException e) {
            // the test interrupts some callers
        } catch (BackendException e) {
            throw new AssertionError(e);
        }
    }

    private Branch<User> fork(FanOut fanOut, String id, Duration time) {
        Deadline deadline = Deadline.after(time);
        return fanOut.fork(id, self -> {
            self.cap(deadline);
            return client.get(id, deadline, CONTEXT, new CallTimes(CONTEXT));
        });
    }
}
