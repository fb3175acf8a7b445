package dev.muster.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.bulk.ByteBudget.Share;
import dev.muster.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which batches may take more memory, and which bytes count as held. */
class ByteBudgetTest {
    private static final long TOTAL = 1000;

    private final ByteBudget budget = new ByteBudget(TOTAL);

    /** Takes one byte at a time while it may grow. */
    private static void fill(Share share) {
        while (share.mayGrow()) {
            share.take(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // held, held by others, whether it may grow
        "1, 0, true",
        "499, 0, true",
        "500, 0, false",
        "501, 0, false",
        "1000, 0, false",
        "5000, 0, false",
        "1, 997, true",
        "1, 998, false",
        "1, 999, false",
        "1, 5000, false",
        "100, 799, true",
        "100, 800, false",
        "100, 801, false",
    })
    void itMayGrowWhileItHoldsLessThanIsFree(long held, long byOthers, boolean mayGrow) {
        Share share = budget.open();
        share.take(held);
        budget.open().take(byOthers);

        assertThat(share.mayGrow()).isEqualTo(mayGrow);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, TOTAL - 1, TOTAL, TOTAL + 1, 5 * TOTAL})
    void whatHoldsNothingMayAlwaysGrow(long byOthers) {
        budget.open().take(byOthers);

        assertThat(budget.open().mayGrow()).isTrue();
    }

    @Test
    void whatHoldsNothingMayGrowWhereThereIsNoMemoryAtAll() {
        assertThat(new ByteBudget(0).open().mayGrow()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 9, 99})
    void howeverManyFillItAndDoNotLetGoOneMoreFindsAsMuchFreeAsEachHas(int holders) {
        List<Share> shares = Stream.generate(budget::open).limit(holders).toList();
        boolean grows = true;
        while (grows) {
            grows = false;
            for (Share share : shares) {
                if (share.mayGrow()) {
                    share.take(1);
                    grows = true;
                }
            }
        }

        assertThat(TOTAL - budget.used()).isEqualTo(TOTAL / (holders + 1));
    }

    @ParameterizedTest
    @CsvSource({"1, 500", "2, 250", "3, 125", "4, 62"})
    void whoComesLaterFindsHalfOfWhatIsFree(int holders, long left) {
        for (int i = 0; i < holders; i++) {
            fill(budget.open());
        }

        assertThat(TOTAL - budget.used()).isBetween(left, left + 1);
    }

    @Test
    void whatIsReleasedIsFreeForAll() {
        Share first = budget.open();
        fill(first);
        Share second = budget.open();
        fill(second);
        assertThat(second.mayGrow()).isFalse();

        first.release(1);

        assertThat(second.mayGrow()).isTrue();
        assertThat(budget.used()).isEqualTo(749);
    }

    @Test
    void whatIsTakenBeyondTheTotalCountsToo() {
        Share share = budget.open();

        share.take(TOTAL + 1);

        assertThat(budget.used()).isEqualTo(TOTAL + 1);
        share.release(TOTAL + 1);
        assertThat(share.mayGrow()).isTrue();
    }

    @Test
    void releasingAllLeavesAShareThatCanBeFilledAgain() {
        Share share = budget.open();
        fill(share);

        share.releaseAll();

        assertThat(budget.used()).isZero();
        fill(share);
        assertThat(budget.used()).isEqualTo(500);
    }

    @Test
    void closingReleasesWhatIsHeldAndNoMore() {
        Share other = budget.open();
        other.take(300);
        try (Share share = budget.open()) {
            share.take(200);
            share.take(40);
            share.release(50);
            assertThat(budget.used()).isEqualTo(490);
        }

        assertThat(budget.used()).isEqualTo(300);
    }

    @Test
    void closingTwiceReleasesOnce() {
        Share share = budget.open();
        share.take(200);

        share.close();
        share.close();

        assertThat(budget.used()).isZero();
    }

    @Test
    void nothingIsLostHoweverManyTakeAndReleaseAtOnce() {
        CountDownLatch start = new CountDownLatch(1);
        Share shared = budget.open();
        List<Thread> threads = new ArrayList<>(IntStream.range(0, 8)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    Await.latch(start);
                    for (int times = 0; times < 1000; times++) {
                        shared.take(3);
                        shared.release(2);
                    }
                }))
                .toList());

        start.countDown();
        threads.forEach(Await::end);

        assertThat(budget.used()).isEqualTo(8000);
        shared.close();
        assertThat(budget.used()).isZero();
    }
}
