package dev.muster.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which requests are kept for a look at them, and for how long. */
class RecentRequestsTest {
    private final AtomicLong clock = new AtomicLong();
    private final RecentRequests recent = new RecentRequests(10, clock::get);

    private static RequestTimeline timeline(String id, int status, String outcome, int millis) {
        return new RequestTimeline(
                "", "", null, "GET", "/profiles/" + id, status, outcome, millis, 1000, 1000 - millis, List.of());
    }

    private void complete(String id, int millis) {
        recent.add("complete", Duration.ofMillis(millis).toNanos(), () -> timeline(id, 200, "complete", millis));
    }

    private void complete(String id) {
        complete(id, 1);
    }

    private void partial(String id) {
        recent.add("partial", 1, () -> timeline(id, 200, "partial", 1));
    }

    private void failed(String id) {
        recent.add("user-not-found", 1, () -> timeline(id, 404, "user-not-found", 1));
    }

    private static List<String> ids(List<RequestTimeline> requests) {
        return requests.stream()
                .map(request -> request.path().substring("/profiles/".length()))
                .toList();
    }

    @Test
    void theLastThatFailedAreKeptTheNewestFirst() {
        for (int i = 0; i < 20; i++) {
            failed("failed-" + i);
        }

        assertThat(ids(recent.kept().failed())).containsExactly("failed-19", "failed-18", "failed-17", "failed-16");
    }

    @Test
    void theLastThatWerePartialAreKeptTheNewestFirst() {
        for (int i = 0; i < 20; i++) {
            partial("partial-" + i);
        }

        assertThat(ids(recent.kept().partial())).containsExactly("partial-19", "partial-18", "partial-17");
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

        RecentRequests.Kept kept = recent.kept();
        assertThat(kept.failed().size() + kept.partial().size() + kept.slowest().size())
                .isEqualTo(10);
    }

    @Test
    void ofTheCompleteTheSlowestAreKept() {
        for (int millis : new int[] {40, 10, 30, 50, 20}) {
            complete(Integer.toString(millis), millis);
        }

        assertThat(ids(recent.kept().slowest())).containsExactly("50", "40", "30");
    }

    @Test
    void aRequestThatIsNotSlowIsNotEvenRecorded() {
        for (int millis : new int[] {40, 30, 50}) {
            complete(Integer.toString(millis), millis);
        }

        recent.add("complete", Duration.ofMillis(20).toNanos(), () -> {
            throw new AssertionError("recorded");
        });

        assertThat(ids(recent.kept().slowest())).containsExactly("50", "40", "30");
    }

    @Test
    void theSlowestAreForgottenAfterTheNextWindow() {
        complete("cold");
        complete("cold");
        complete("cold");
        clock.addAndGet(Duration.ofMinutes(10).toNanos());
        complete("warm");
        assertThat(ids(recent.kept().slowest())).hasSize(3).contains("cold");

        clock.addAndGet(Duration.ofMinutes(10).toNanos());
        complete("warm");

        assertThat(ids(recent.kept().slowest())).containsExactly("warm", "warm");
    }

    @Test
    void aHistoryOfNothingKeepsNothing() {
        RecentRequests none = new RecentRequests(0, clock::get);
        clock.addAndGet(Duration.ofHours(1).toNanos());
        for (String outcome : List.of("complete", "complete", "partial")) {
            none.add(outcome, 1, () -> timeline("ada", 200, outcome, 1));
        }

        assertThat(none.kept()).isEqualTo(new RecentRequests.Kept(List.of(), List.of(), List.of()));
    }
}
