package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Backends;
import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The worker pool known from Go courses: 4 workers, and 20 jobs of 200 to 500 ms, of which each seventh fails. */
class BatchWorkersTest {
    private static final int JOBS = 20;
    private static final int WORKERS = 4;
    private static final List<String> IDS =
            IntStream.range(0, JOBS).mapToObj(i -> "job-" + i).toList();
    private static final int SUM_MILLIS =
            IntStream.range(0, JOBS).map(BatchWorkersTest::delayMillis).sum();
    private static final int LONGEST_MILLIS =
            IntStream.range(0, JOBS).map(BatchWorkersTest::delayMillis).max().orElseThrow();
    /** Time for the calls themselves on a busy machine. One worker alone would take longer. */
    private static final int SLACK_MILLIS = 4_000;

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostRunning = new AtomicInteger();
    private final FakeBackend users = FakeBackend.start(this::answer);
    private final Backends others = Backends.fresh();
    private Service service;

    @BeforeEach
    void start() {
        IDS.forEach(others::serve);
        Map<String, String> settings = new HashMap<>(Map.of("bulk.workers", Integer.toString(WORKERS)));
        settings.put("backends.user.base-uri", users.baseUri());
        service = Service.start(others.baseUri(), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        users.close();
    }

    /** From 200 to 500, in no order. */
    private static int delayMillis(int job) {
        return 200 + job * 137 % 301;
    }

    private static boolean fails(int job) {
        return job % 7 == 6;
    }

    private void answer(Call call) throws Exception {
        int job = Integer.parseInt(call.id().substring("job-".length()));
        mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        // The backend's delay is the point of this test.
        TimeUnit.MILLISECONDS.sleep(delayMillis(job));
        running.decrementAndGet();
        if (fails(job)) {
            call.status(500);
        } else {
            call.answerWell();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void everyJobIsDoneByFourAtATimeAndNoFailureEndsTheOthers(String form) {
        long begun = System.nanoTime();
        Answer answer = Batches.ask(service, IDS, "Accept: " + form);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);

        assertThat(answer.tally()).containsExactly(18, 0, 2, 0);
        assertThat(answer.cause()).isNull();
        for (int job = 0; job < JOBS; job++) {
            assertThat(answer.at(job).path("status").intValue()).isEqualTo(fails(job) ? 502 : 200);
        }
        assertThat(answer.problem(6)).isEqualTo("backend-failed");
        assertThat(answer.problem(13)).isEqualTo("backend-failed");
        assertThat(answer.at(6).at("/problem/detail").stringValue())
                .isEqualTo("The user backend failed with status 500.");
        assertThat(mostRunning).hasValue(WORKERS);
        // At best, four workers share the work evenly. A free worker takes the next job at once, so at worst all four
        // are busy until the last job begins: after a quarter of the sum at the latest (Graham's bound).
        assertThat(millis)
                .isGreaterThanOrEqualTo(SUM_MILLIS / WORKERS)
                .isLessThan(SUM_MILLIS / WORKERS + LONGEST_MILLIS + SLACK_MILLIS);
        assertThat(SUM_MILLIS / WORKERS + LONGEST_MILLIS + SLACK_MILLIS).isLessThan(SUM_MILLIS);
    }
}
