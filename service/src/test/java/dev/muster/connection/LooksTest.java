package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.concurrent.Deadline;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LooksTest {
    private static final Duration ON_TIME = Duration.ofMillis(50);
    private static final Duration LATEST = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofMinutes(5);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - PAUSE.toNanos());
    private final Looks looks = new Looks(LATEST, clock::get);

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void looksThatComeInTimeJudgeByTheirBeginning() {
        for (int i = 0; i < 3; i++) {
            pass(ON_TIME);
            assertThat(looks.next()).isEqualByComparingTo(Deadline.after(Duration.ZERO, clock::get));
        }
        pass(LATEST);
        assertThat(looks.next()).isNotNull();
    }

    @Test
    void aLookThatComesLateIsPassedOver() {
        pass(ON_TIME);
        assertThat(looks.next()).isNotNull();

        pass(PAUSE);
        assertThat(looks.next()).isNull();

        pass(ON_TIME);
        assertThat(looks.next()).isNotNull();
    }

    @Test
    void aPauseBeforeTheFirstLookIsSeenToo() {
        pass(PAUSE);
        assertThat(looks.next()).isNull();
    }

    @Test
    void twoInARowAreNeverPassedOverHoweverLateTheyAre() {
        pass(PAUSE);
        assertThat(looks.next()).isNull();
        pass(PAUSE);
        assertThat(looks.next()).isNotNull();
        pass(PAUSE);
        assertThat(looks.next()).isNull();
    }
}
