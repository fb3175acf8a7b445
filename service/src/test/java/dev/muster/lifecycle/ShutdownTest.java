package dev.muster.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.Deadline;
import dev.muster.config.AppConfig.ShutdownConfig;
import dev.muster.lifecycle.Shutdown.Phase;
import dev.muster.logging.CapturedLog;
import dev.muster.logging.CapturedLog.Line;
import dev.muster.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The steps of a shutdown: their order, their time and their log lines. */
class ShutdownTest {
    private static final Duration LINGER = Duration.ofMinutes(10);
    private static final Duration DRAIN = Duration.ofMinutes(20);
    private static final Duration CANCEL = Duration.ofMinutes(40);
    /** How long a busy machine may delay a test. */
    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    private static final Duration SLOW = Duration.ofMillis(100);

    private final CapturedLog log = new CapturedLog(Shutdown.class);
    private final Readiness readiness = new Readiness();
    private final InFlight inFlight = new InFlight();
    private final ScriptedRequest request = new ScriptedRequest("first", Duration.ofSeconds(1), true);
    private final List<Step> steps = Collections.synchronizedList(new ArrayList<>());

    private volatile Phase phase;
    private Runnable duringAnnouncement = ShutdownTest::nothing;
    private AutoCloseable rest = () -> step("rest", null);

    /** A call by the shutdown, and the state at that moment. */
    private record Step(String call, Phase phase, Readiness.State readiness, Cause cancelledBy, Duration remaining) {}

    private void step(String call, Deadline deadline) {
        steps.add(new Step(
                call,
                phase,
                readiness.state(),
                request.cancellation().cause(),
                deadline == null ? null : deadline.remaining()));
    }

    private void announced(Phase next) {
        phase = next;
        step("phase", null);
        duringAnnouncement.run();
    }

    @AfterEach
    void stop() {
        log.close();
    }

    /** A port whose connections are closed when the given wait for them ends, counted from 1. */
    private final class Port implements Drainable {
        private final int closedInWait;
        private int waits;
        private Runnable duringStopAccepting = ShutdownTest::nothing;
        private Runnable duringGivingUp = ShutdownTest::nothing;
        private Runnable duringLastWait = ShutdownTest::nothing;

        Port(int closedInWait) {
            this.closedInWait = closedInWait;
        }

        @Override
        public int openConnections() {
            return waits < closedInWait ? 7 : 0;
        }

        @Override
        public void stopAccepting() {
            step("stopAccepting", null);
            duringStopAccepting.run();
        }

        @Override
        public boolean awaitClosed(Deadline deadline) {
            step("awaitClosed", deadline);
            waits++;
            if (waits == 3) {
                duringLastWait.run();
            }
            return waits >= closedInWait;
        }

        @Override
        public void closeIdle() {
            step("closeIdle", null);
        }

        @Override
        public void giveUpOnUnread() {
            step("giveUpOnUnread", null);
            duringGivingUp.run();
        }
    }

    private Shutdown shutdown(Port port, Duration lameDuck) {
        readiness.started();
        return new Shutdown(
                new ShutdownConfig(lameDuck, LINGER, DRAIN, CANCEL),
                readiness,
                inFlight,
                port,
                () -> rest.close(),
                this::announced);
    }

    private int run(Port port) {
        return shutdown(port, Duration.ZERO).run("a test");
    }

    private List<String> calls() {
        return steps.stream().map(Step::call).toList();
    }

    private List<Duration> waits() {
        return steps.stream().map(Step::remaining).filter(each -> each != null).toList();
    }

    private Step first(String call) {
        return steps.stream()
                .filter(step -> step.call().equals(call))
                .findFirst()
                .orElseThrow();
    }

    private static void assertAbout(Duration actual, Duration expected) {
        assertThat(actual).isBetween(expected.minus(TOLERANCE), expected);
    }

    @Test
    void whereAllConnectionsCloseByThemselvesNoneIsClosedAndNobodyCancelled() {
        inFlight.add(request);

        int code = run(new Port(1));

        assertThat(calls()).containsExactly("phase", "stopAccepting", "awaitClosed", "rest");
        assertThat(steps).extracting(Step::phase).containsOnly(Phase.STOP_ACCEPTING);
        assertThat(request.cancellation().cause()).isNull();
        assertThat(code).as("the request is still there").isEqualTo(Shutdown.ABANDONED);
    }

    @Test
    void idleConnectionsAreClosedAfterTheLinger() {
        assertThat(run(new Port(2))).isEqualTo(Shutdown.CLEAN);

        assertThat(calls())
                .containsExactly("phase", "stopAccepting", "awaitClosed", "closeIdle", "awaitClosed", "rest");
        assertThat(steps).extracting(Step::phase).containsOnly(Phase.STOP_ACCEPTING);
        assertAbout(waits().get(0), LINGER);
        assertAbout(waits().get(1), DRAIN);
    }

    @Test
    void requestsAreCancelledAfterTheDrainAndThenWhatHasNotArrivedIsGivenUp() {
        inFlight.add(request);
        Port port = new Port(3);
        port.duringLastWait = () -> inFlight.remove(request);

        assertThat(run(port)).isEqualTo(Shutdown.CLEAN);

        assertThat(calls())
                .containsExactly(
                        "phase",
                        "stopAccepting",
                        "awaitClosed",
                        "closeIdle",
                        "awaitClosed",
                        "phase",
                        "giveUpOnUnread",
                        "phase",
                        "awaitClosed",
                        "rest");
        assertThat(steps.subList(0, 6)).extracting(Step::cancelledBy).containsOnlyNulls();
        assertThat(steps.subList(6, 10)).extracting(Step::cancelledBy).containsOnly(Cause.SHUTDOWN);
        assertThat(first("giveUpOnUnread").phase()).isEqualTo(Phase.CANCEL);
        assertThat(steps.get(8).phase()).isEqualTo(Phase.WAIT);
        assertAbout(waits().get(2), DRAIN.plus(CANCEL));
    }

    @Test
    void whoComesAfterTheOthersWereCancelledIsCancelledToo() {
        Port port = new Port(3);
        ScriptedRequest late = new ScriptedRequest("late", Duration.ZERO, true);
        port.duringGivingUp = () -> inFlight.add(late);
        port.duringLastWait = () -> inFlight.remove(late);

        assertThat(run(port)).isEqualTo(Shutdown.CLEAN);

        assertThat(late.cancellation().cause()).isEqualTo(Cause.SHUTDOWN);
    }

    @Test
    void notReadyBeforeAnythingElse() {
        run(new Port(3));

        assertThat(steps.getFirst().readiness()).isEqualTo(Readiness.State.READY);
        assertThat(steps.subList(1, steps.size())).extracting(Step::readiness).containsOnly(Readiness.State.STOPPING);
    }

    @Test
    void thePortIsOpenAsLongAsTheLameDuck() {
        Port port = new Port(1);
        long[] closing = new long[1];
        port.duringStopAccepting = () -> closing[0] = System.nanoTime();
        long begun = System.nanoTime();

        shutdown(port, SLOW).run("a test");

        assertThat(Duration.ofNanos(closing[0] - begun)).isGreaterThanOrEqualTo(SLOW);
        assertAbout(waits().getFirst(), LINGER);
    }

    @Test
    void anInterruptEndsTheLameDuckAtOnce() {
        AtomicBoolean flag = new AtomicBoolean();
        CompletableFuture<Integer> code = new CompletableFuture<>();
        Shutdown shutdown = shutdown(new Port(2), Duration.ofHours(1));
        Thread thread = Thread.ofPlatform().start(() -> {
            code.complete(shutdown.run("a test"));
            flag.set(Thread.currentThread().isInterrupted());
        });
        Await.until("it is not ready any more", () -> readiness.state() == Readiness.State.STOPPING);
        Await.until("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
        assertThat(calls()).containsExactly("phase");

        thread.interrupt();

        assertThat(Await.result(code)).isEqualTo(Shutdown.CLEAN);
        Await.end(thread);
        assertThat(calls())
                .containsExactly("phase", "stopAccepting", "awaitClosed", "closeIdle", "awaitClosed", "rest");
        assertThat(flag).as("the thread stays interrupted").isTrue();
    }

    @Test
    void aPortThatIsSlowToCloseTakesItsTimeFromTheRest() {
        Port port = new Port(3);
        port.duringStopAccepting = ShutdownTest::takeLong;

        run(port);

        assertThat(waits().get(0)).as("the linger begins once it is closed").isGreaterThan(LINGER.minus(TOLERANCE));
        assertThat(waits().get(1)).isLessThanOrEqualTo(DRAIN.minus(SLOW));
        assertThat(waits().get(2)).isLessThanOrEqualTo(DRAIN.plus(CANCEL).minus(SLOW));
    }

    @Test
    void theLingerIsNoLongerThanWhatIsLeftOfTheDrain() {
        readiness.started();
        Port port = new Port(3);
        port.duringStopAccepting = ShutdownTest::takeLong;
        new Shutdown(
                        new ShutdownConfig(Duration.ZERO, LINGER, LINGER, CANCEL),
                        readiness,
                        inFlight,
                        port,
                        () -> rest.close(),
                        this::announced)
                .run("a test");

        assertThat(waits().get(0)).isLessThanOrEqualTo(LINGER.minus(SLOW));
    }

    @Test
    void timeRunsFromWhenItIsMadeAndTheLameDuckIsAPartOfIt() {
        Duration lameDuck = SLOW.multipliedBy(3);
        Shutdown shutdown = shutdown(new Port(3), lameDuck);
        takeLong();
        duringAnnouncement = ShutdownTest::takeLong;

        shutdown.run("a test");

        // Two of the three tenths have passed before it sleeps, but it wakes on time.
        assertThat(waits().get(1)).isBetween(DRAIN.minus(TOLERANCE), DRAIN);
        assertThat(waits().get(2)).isLessThanOrEqualTo(DRAIN.plus(CANCEL).minus(SLOW.multipliedBy(2)));
    }

    private static void nothing() {}

    private static void takeLong() {
        Deadline over = Deadline.after(SLOW);
        Await.until("so much time has passed", over::hasPassed);
    }

    @Test
    void whoeverIsStillThereAtTheEndIsNamed() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        Thread stuck = Thread.ofVirtual().start(() -> stuckHere(release));
        Await.until("it is stuck", () -> Arrays.toString(stuck.getStackTrace()).contains("stuckHere"));
        inFlight.add(request);
        inFlight.add(new ScriptedRequest(
                "POST",
                "/profiles",
                "second",
                Duration.ofMillis(2500),
                List.of("user", "friends"),
                stuck,
                new Cancellation(),
                false));

        assertThat(run(new Port(4))).isEqualTo(75);

        List<Line> named = log.remaining().stream()
                .filter(line -> line.message().equals("request abandoned"))
                .toList();
        assertThat(named).hasSize(2);
        assertThat(named.get(0).record().getLevel()).isEqualTo(Level.WARNING);
        assertThat(named.get(0).fields())
                .containsEntry("method", "POST")
                .containsEntry("path", "/profiles")
                .containsEntry("requestId", "second")
                .containsEntry("ageMs", 2500.0)
                .containsEntry("waitingFor", "user,friends")
                .hasSize(5);
        assertThat(named.get(0).text()).contains("ShutdownTest.stuckHere(");
        assertThat(named.get(1).fields())
                .containsEntry("requestId", "first")
                .containsEntry("ageMs", 1000.0)
                .doesNotContainKey("waitingFor");
        assertThat(calls()).endsWith("rest");
        release.countDown();
        stuck.join();
    }

    private static void stuckHere(CountDownLatch release) {
        Await.latch(release);
    }

    @Test
    void theRestIsClosedAfterTheAbandonedAreNamedAndBeforeTheEndIsToldThoughItFails() {
        inFlight.add(request);
        List<String> saidBefore = new ArrayList<>();
        IllegalArgumentException failure = new IllegalArgumentException("of a backend");
        rest = () -> {
            log.remaining().forEach(line -> saidBefore.add(line.message()));
            throw failure;
        };

        assertThatIllegalStateException().isThrownBy(() -> run(new Port(4))).withCause(failure);

        assertThat(saidBefore).endsWith("request abandoned");
        assertThat(log.remaining().getLast().message()).isEqualTo("shutdown complete");
        assertThat(log.remaining()).hasSize(saidBefore.size() + 1);
    }

    @Test
    void everyPhaseIsToldWithItsCounts() {
        inFlight.add(request);
        ScriptedRequest before = new ScriptedRequest("before", Duration.ZERO, false);
        inFlight.add(before);
        inFlight.remove(before);
        ScriptedRequest completes = new ScriptedRequest("completes", Duration.ZERO, false);
        inFlight.add(completes);
        inFlight.add(new ScriptedRequest("stays", Duration.ZERO, false));
        Port port = new Port(4);
        port.duringStopAccepting = () -> inFlight.remove(completes);
        port.duringLastWait = () -> inFlight.remove(request);

        run(port);

        List<Line> lines = log.remaining();
        assertThat(lines)
                .extracting(Line::message)
                .containsExactly(
                        "shutdown begins",
                        "shutdown: stop accepting",
                        "shutdown: cancel",
                        "shutdown: wait",
                        "request abandoned",
                        "shutdown complete");
        assertThat(lines.get(0).fields()).containsEntry("reason", "a test");
        assertCounts(lines.get(0), 3, 0, 0);
        assertThat(lines.get(1).fields()).containsEntry("phase", 1);
        assertCounts(lines.get(1), 2, 1, 0);
        assertThat(lines.get(2).fields()).containsEntry("phase", 2);
        assertCounts(lines.get(2), 2, 1, 0);
        assertThat(lines.get(3).fields()).containsEntry("phase", 3);
        assertCounts(lines.get(3), 1, 1, 1);
        assertThat(lines.get(5).fields()).containsEntry("abandoned", 1);
        assertCounts(lines.get(5), 1, 1, 1);
        for (int i : new int[] {1, 2, 3, 5}) {
            assertThat((double) lines.get(i).fields().get("durationMs")).isNotNegative();
        }
    }

    private static void assertCounts(Line line, int running, long completed, long cancelled) {
        assertThat(line.fields())
                .containsEntry("inFlight", running)
                .containsEntry("connections", 7)
                .containsEntry("completed", completed)
                .containsEntry("cancelled", cancelled);
    }

    @Test
    void aPhaseIsTimedByItselfAndTheWholeFromWhenItIsMade() {
        Port port = new Port(3);
        port.duringStopAccepting = ShutdownTest::takeLong;
        port.duringGivingUp = ShutdownTest::takeLong;

        run(port);

        double slow = SLOW.toMillis();
        List<Double> took = log.remaining().stream()
                .map(line -> (Double) line.fields().get("durationMs"))
                .filter(each -> each != null)
                .toList();
        assertThat(took).hasSize(4);
        assertThat(took.get(0)).isGreaterThanOrEqualTo(slow);
        assertThat(took.get(1)).isGreaterThanOrEqualTo(slow);
        assertThat(took.get(3)).isGreaterThanOrEqualTo(took.get(0) + took.get(1) + took.get(2) - 0.01);
    }
}
