package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.BackendException;
import io.helidon.http.WritableHeaders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which requests are kept to be looked at, and for how long. */
class RequestHistoryTest {
    private final AtomicLong clock = new AtomicLong();
    private final RequestHistory history = new RequestHistory(10, clock::get);

    private static Exchange exchange(String id) {
        Exchange exchange = new Exchange("GET", "/profiles/" + id, WritableHeaders.create());
        exchange.deadlineAfter(Duration.ofSeconds(1));
        return exchange;
    }

    private void complete(String id) {
        history.add(exchange(id), 200);
    }

    private void partial(String id) {
        Exchange exchange = exchange(id);
        exchange.partial();
        history.add(exchange, 200);
    }

    private void failed(String id) {
        Exchange exchange = exchange(id);
        BackendException thrown = new BackendException.NotFound("user");
        exchange.failed(Problems.of(thrown), thrown);
        history.add(exchange, 404);
    }

    private static List<String> ids(List<RecordedRequest> requests) {
        return requests.stream()
                .map(request -> request.path().substring("/profiles/".length()))
                .toList();
    }

    @Test
    void theLastThatFailedAreKeptTheNewestFirst() {
        for (int i = 0; i < 20; i++) {
            failed("failed-" + i);
        }

        assertThat(ids(history.kept().failed())).containsExactly("failed-19", "failed-18", "failed-17", "failed-16");
    }

    @Test
    void theLastThatWerePartialAreKeptTheNewestFirst() {
        for (int i = 0; i < 20; i++) {
            partial("partial-" + i);
        }

        assertThat(ids(history.kept().partial())).containsExactly("partial-19", "partial-18", "partial-17");
    }

    @Test
    void neverMoreAreKeptThanTheBound() {
        for (int window = 0; window < 3; window++) {
            for (int i = 0; i < 20; i++) {
                failed("f");
                partial("p");
                complete("c");
            }
            clock.addAndGet(Duration.ofMinutes(10).toNanos());
        }

        RequestHistory.Kept kept = history.kept();
        assertThat(kept.failed().size() + kept.partial().size() + kept.slowest().size())
                .isEqualTo(10);
    }

    private static RecordedRequest taking(int millis) {
        return new RecordedRequest(
                "", "", null, "GET", "/profiles/" + millis, 200, "complete", millis, 1000, 1000 - millis, List.of());
    }

    @Test
    void ofTheCompleteTheSlowestAreKept() {
        for (int millis : new int[] {40, 10, 30, 50, 20}) {
            history.addComplete(Duration.ofMillis(millis).toNanos(), () -> taking(millis));
        }

        assertThat(ids(history.kept().slowest())).containsExactly("50", "40", "30");
    }

    @Test
    void aRequestThatIsNotSlowIsNotEvenRecorded() {
        for (int millis : new int[] {40, 30, 50}) {
            history.addComplete(Duration.ofMillis(millis).toNanos(), () -> taking(millis));
        }

        history.addComplete(Duration.ofMillis(20).toNanos(), () -> {
            throw new AssertionError("recorded");
        });

        assertThat(ids(history.kept().slowest())).containsExactly("50", "40", "30");
    }

    @Test
    void theSlowestAreForgottenAfterTheNextWindow() {
        complete("cold");
        complete("cold");
        complete("cold");
        clock.addAndGet(Duration.ofMinutes(10).toNanos());
        complete("warm");
        assertThat(ids(history.kept().slowest())).hasSize(3).contains("cold");

        clock.addAndGet(Duration.ofMinutes(10).toNanos());
        complete("warm");

        assertThat(ids(history.kept().slowest())).containsExactly("warm", "warm");
    }

    @Test
    void aHistoryOfNothingKeepsNothing() {
        RequestHistory none = new RequestHistory(0, clock::get);
        clock.addAndGet(Duration.ofHours(1).toNanos());
        for (int status : new int[] {200, 200}) {
            none.add(exchange("ada"), status);
        }
        Exchange partial = exchange("ada");
        partial.partial();
        none.add(partial, 200);

        assertThat(none.kept()).isEqualTo(new RequestHistory.Kept(List.of(), List.of(), List.of()));
    }
}
