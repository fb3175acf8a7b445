package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.BackendName;
import dev.muster.demo.Faults.Body;
import dev.muster.demo.Faults.Delivery;
import dev.muster.demo.Faults.Known;
import dev.muster.demo.Faults.Many;
import dev.muster.demo.Faults.Status;
import dev.muster.demo.Faults.Unknown;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {

    @ParameterizedTest
    @ValueSource(strings = {"ada", "u17", "rosa-weber", "user-404", "-"})
    void anIdWithoutUnderscoreIsAPersonWithoutFaults(String id) {
        assertThat(Faults.parse(id, BackendName.USER)).isEqualTo(plain(id));
    }

    @Test
    void anOrderConcernsTheBackendThatItNames() {
        assertThat(Faults.parse("posts-500_ada", BackendName.POSTS))
                .isEqualTo(new Known("ada", Duration.ZERO, new Status(500), Delivery.WHOLE));
        assertThat(Faults.parse("posts-500_ada", BackendName.FRIENDS)).isEqualTo(plain("ada"));
    }

    @ParameterizedTest
    @EnumSource
    void allConcernsEveryBackend(BackendName backend) {
        assertThat(Faults.parse("all-hang_ada", backend))
                .isEqualTo(new Known("ada", Duration.ZERO, Body.DATA, Delivery.HANG));
    }

    @Test
    void delaysAddUpAndGoWithAContentAndADelivery() {
        assertThat(Faults.parse("all-d50_user-d100_user-wrong_user-twice_ada", BackendName.USER))
                .isEqualTo(new Known("ada", Duration.ofMillis(150), Body.WRONG, Delivery.TWICE));
    }

    @Test
    void ofTwoContentsTheLastCounts() {
        assertThat(Faults.parse("all-500_user-404_x", BackendName.USER))
                .isEqualTo(new Known("x", Duration.ZERO, new Status(404), Delivery.WHOLE));
    }

    @Test
    void manyAreCounted() {
        assertThat(Faults.parse("posts-n120_ada", BackendName.POSTS))
                .isEqualTo(new Known("ada", Duration.ZERO, new Many(120), Delivery.WHOLE));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DATA")
    void everyContentHasAnOrder(Body body) {
        assertThat(Faults.parse("user-" + lowerCase(body) + "_ada", BackendName.USER))
                .isEqualTo(new Known("ada", Duration.ZERO, body, Delivery.WHOLE));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WHOLE")
    void everyDeliveryHasAnOrder(Delivery delivery) {
        assertThat(Faults.parse("user-" + lowerCase(delivery) + "_ada", BackendName.USER))
                .isEqualTo(new Known("ada", Duration.ZERO, Body.DATA, delivery));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "users-500",
                "user",
                "user-",
                "user-foo",
                "user-50",
                "user-199",
                "user-600",
                "user-5000",
                "user-d",
                "user-d-1",
                "user-d123456",
                "user-n",
                "user-n1000",
                "user-data",
                "user-whole",
                "user-HANG",
                "all-500-500"
            })
    void whatIsNoOrderIsUnknown(String part) {
        assertThat(Faults.parse("all-d1_" + part + "_ada", BackendName.USER)).isEqualTo(new Unknown(part));
    }

    @Test
    void whatIsOrderedFromAnotherBackendIsNotLookedAt() {
        assertThat(Faults.parse("user-foo_ada", BackendName.POSTS)).isEqualTo(plain("ada"));
    }

    private static Known plain(String person) {
        return new Known(person, Duration.ZERO, Body.DATA, Delivery.WHOLE);
    }

    private static String lowerCase(Enum<?> what) {
        return what.name().toLowerCase(Locale.ROOT);
    }
}
