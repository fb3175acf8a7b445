package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Deadline;
import dev.muster.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);
    /** Longer than tests take: it passes only by {@link #pass}. */
    private static final Duration MOMENT = Duration.ofSeconds(20);

    private static final Duration SHORT = Duration.ofMillis(100);

    private static final Duration STEP = Duration.ofMillis(1);

    /** The nanoseconds that {@link #pass} has added to the real clock. */
    private final AtomicLong ahead = new AtomicLong();

    private final List<Connection> evicted = new CopyOnWriteArrayList<>();

    /** Busy until {@link #idle}. */
    private class Connection implements Places.Holder {
        private final AtomicInteger asked = new AtomicInteger();
        private final CountDownLatch askedForRequest = new CountDownLatch(1);
        private volatile @Nullable Deadline idleUntil;
        private volatile boolean hasArrived;

        Connection idle() {
            idleUntil = Deadline.after(IDLE_TIMEOUT, PlacesTest.this::clock);
            pass(STEP);
            return this;
        }

        Connection busy() {
            idleUntil = null;
            return this;
        }

        @Override
        public @Nullable Deadline idleUntil() {
            asked.incrementAndGet();
            return idleUntil;
        }

        @Override
        public boolean hasArrived() {
            askedForRequest.countDown();
            return hasArrived;
        }

        @Override
        public boolean evict(Deadline until) {
            if (hasArrived || idleUntil != until) {
                return false;
            }
            idleUntil = null;
            evicted.add(this);
            return true;
        }
    }

    private long clock() {
        return System.nanoTime() + ahead.get();
    }

    private void pass(Duration time) {
        ahead.addAndGet(time.toNanos());
    }

    private Places places(int most) {
        return places(most, MOMENT);
    }

    private Places places(int most, Duration moment) {
        return new Places(most, IDLE_TIMEOUT, moment, this::clock);
    }

    private List<Connection> fill(Places places, int count) {
        List<Connection> holders = Stream.generate(Connection::new).limit(count).toList();
        holders.forEach(holder -> assertThat(places.takeFree(holder)).isTrue());
        return holders;
    }

    /** Lets in a newcomer that has sent a request, if it gets a place. */
    private boolean take(Places places) {
        Connection newcomer = new Connection();
        newcomer.hasArrived = true;
        return take(places, newcomer);
    }

    private static boolean take(Places places, Connection newcomer) {
        try {
            return places.take(newcomer);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void thereAreAsManyAsThereMayBe() {
        Places places = places(2);
        List<Connection> holders = fill(places, 2);

        assertThat(places.takeFree(new Connection())).isFalse();
        assertThat(take(places)).as("all are busy").isFalse();

        places.leave(holders.getFirst());
        assertThat(take(places)).isTrue();
        assertThat(places.taken()).isEqualTo(2);
    }

    @Test
    void theLongestIdleGoesFirst() {
        Places places = places(3);
        List<Connection> holders = fill(places, 3);
        for (int i : new int[] {1, 2, 0}) {
            holders.get(i).idle();
        }
        pass(MOMENT);

        for (int i = 0; i < 3; i++) {
            assertThat(take(places)).isTrue();
        }

        assertThat(evicted).containsExactly(holders.get(1), holders.get(2), holders.get(0));
        assertThat(take(places)).isFalse();
        assertThat(places.taken()).isEqualTo(3);
    }

    @Test
    void whoWasUsedSinceItWasFoundIdleStays() {
        Places places = places(3);
        List<Connection> holders = fill(places, 3);
        holders.forEach(Connection::idle);
        pass(MOMENT);
        assertThat(take(places)).isTrue();

        // The queue still has it as the longest idle.
        holders.get(1).busy().idle();

        assertThat(take(places)).isTrue();
        assertThat(evicted).containsExactly(holders.get(0), holders.get(2));
    }

    @Test
    void whoseRequestHasArrivedStays() {
        Places places = places(2, SHORT);
        List<Connection> holders = fill(places, 2);
        holders.forEach(Connection::idle);
        holders.getFirst().hasArrived = true;
        pass(SHORT);

        assertThat(take(places)).isTrue();
        assertThat(evicted).containsExactly(holders.get(1));
        assertThat(take(places)).isFalse();
    }

    @Test
    void thePlaceOfWhoEndsAsItIsEvictedIsGivenOnce() {
        Places places = places(1);
        Connection[] only = new Connection[1];
        only[0] = new Connection() {
            @Override
            public boolean evict(Deadline until) {
                places.leave(only[0]);
                return super.evict(until);
            }
        };
        assertThat(places.takeFree(only[0])).isTrue();
        only[0].idle();
        pass(MOMENT);

        assertThat(take(places)).isTrue();
        assertThat(places.takeFree(new Connection())).isFalse();
        assertThat(places.taken()).isEqualTo(1);
    }

    @Test
    void whoLeavesAfterItWasEvictedTakesNoPlaceAlong() {
        Places places = places(1);
        Connection old = fill(places, 1).getFirst().idle();
        pass(MOMENT);
        assertThat(take(places)).isTrue();

        places.leave(old);

        assertThat(places.takeFree(new Connection())).isFalse();
    }

    @Test
    void oneLookServesManyNewcomers() {
        int most = 100;
        Places places = places(most);
        List<Connection> holders = fill(places, most);
        holders.forEach(Connection::idle);
        pass(MOMENT);

        for (int i = 0; i < most; i++) {
            assertThat(take(places)).isTrue();
        }

        assertThat(evicted).containsExactlyElementsOf(holders);
        assertThat(holders).allSatisfy(holder -> assertThat(holder.asked).hasValue(2));
    }

    @Test
    void whereMoreAreIdleThanNewcomersCanBeTheOrderIsTheSame() {
        int most = 3 * ConnectionGuard.REJECTED_AT_ONCE;
        Places places = places(most);
        List<Connection> holders = fill(places, most);
        holders.forEach(Connection::idle);
        pass(MOMENT);

        for (int i = 0; i < most; i++) {
            assertThat(take(places)).isTrue();
            pass(STEP);
        }

        assertThat(evicted).containsExactlyElementsOf(holders);
    }

    @Test
    void whoWaitsForTheLongestIdleToHaveBeenThatForAMomentGetsAPlaceThatIsFreeBefore() {
        Places places = places(2);
        List<Connection> holders = fill(places, 2);
        holders.forEach(Connection::idle);
        CompletableFuture<Boolean> newcomer =
                CompletableFuture.supplyAsync(() -> take(places), Thread::startVirtualThread);
        Await.until("an idle holder is looked for", () -> holders.get(1).asked.get() > 0);

        holders.get(1).busy();
        places.leave(holders.get(1));

        assertThat(Await.result(newcomer)).isTrue();
        assertThat(evicted).isEmpty();

        // The first holder is still the next to go.
        pass(MOMENT);
        assertThat(take(places)).isTrue();
        assertThat(evicted).containsExactly(holders.get(0));
    }

    @Test
    void nobodyHasToGoForANewcomerThatSaysNothingYet() {
        Places places = places(1);
        Connection idle = fill(places, 1).getFirst().idle();
        pass(MOMENT);
        Connection newcomer = new Connection();
        CompletableFuture<Boolean> taken =
                CompletableFuture.supplyAsync(() -> take(places, newcomer), Thread::startVirtualThread);
        Await.latch(newcomer.askedForRequest);
        assertThat(idle.asked).hasValue(0);

        newcomer.hasArrived = true;

        assertThat(Await.result(taken)).isTrue();
        assertThat(evicted).containsExactly(idle);
    }

    @Test
    void aNewcomerThatSaysNothingForAMomentGetsItsPlaceAndIsTheNextToGo() {
        Places places = places(1, SHORT);
        fill(places, 1).getFirst().idle();
        Connection silent = new Connection().idle();

        assertThat(take(places, silent)).isTrue();
        evicted.clear();

        assertThat(take(places)).isTrue();
        assertThat(evicted).containsExactly(silent);
    }

    @Test
    void whereTheLongestIdleHasBeenThatForLessThanAMomentItIsWaitedForThat() {
        Places places = places(2, SHORT);
        List<Connection> holders = fill(places, 2);
        holders.forEach(Connection::idle);

        assertThat(take(places)).isTrue();

        assertThat(evicted).containsExactly(holders.getFirst());
        assertThat(holders.get(1).idleUntil()).isNotNull();
    }

    @Test
    void whoIsInterruptedLeavesAllAsItWas() throws InterruptedException {
        Places places = places(1);
        Connection idle = fill(places, 1).getFirst().idle();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                Connection newcomer = new Connection();
                newcomer.hasArrived = true;
                places.take(newcomer);
                interrupted.complete(false);
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
        });
        Await.until("an idle holder is looked for", () -> idle.asked.get() > 0);

        thread.interrupt();

        assertThat(Await.result(interrupted)).isTrue();
        assertThat(places.taken()).isEqualTo(1);
        pass(MOMENT);
        assertThat(take(places)).isTrue();
        assertThat(evicted).containsExactly(idle);
    }

    @Test
    void noMoreGetInThanThereArePlacesWhateverHappensAtOnce() {
        int most = 10;
        Places places = places(most);
        fill(places, most).forEach(Connection::idle);
        pass(MOMENT);

        List<CompletableFuture<Boolean>> newcomers = new ArrayList<>();
        for (int i = 0; i < 4 * most; i++) {
            newcomers.add(CompletableFuture.supplyAsync(() -> take(places), Thread::startVirtualThread));
        }

        assertThat(newcomers.stream().filter(Await::result)).hasSize(most);
        assertThat(places.taken()).isEqualTo(most);
    }
}
