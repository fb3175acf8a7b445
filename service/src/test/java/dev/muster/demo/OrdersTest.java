package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.demo.Orders.Body;
import dev.muster.demo.Orders.Delivery;
import dev.muster.demo.Orders.Many;
import dev.muster.demo.Orders.NotUnderstood;
import dev.muster.demo.Orders.Status;
import dev.muster.demo.Orders.Understood;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrdersTest {

    @ParameterizedTest
    @ValueSource(strings = {"ada", "u17", "rosa-weber", "user-404", "-"})
    void anIdWithoutUnderscoreIsAPersonWithoutOrders(String id) {
        assertThat(Orders.parse(id, Backend.USER)).isEqualTo(plain(id));
    }

    @Test
    void anOrderConcernsTheBackendThatItNames() {
        assertThat(Orders.parse("posts-500_ada", Backend.POSTS))
                .isEqualTo(new Understood("ada", Duration.ZERO, new Status(500), Delivery.WHOLE));
        assertThat(Orders.parse("posts-500_ada", Backend.FRIENDS)).isEqualTo(plain("ada"));
    }

    @ParameterizedTest
    @EnumSource
    void allConcernsEveryBackend(Backend backend) {
        assertThat(Orders.parse("all-hang_ada", backend))
                .isEqualTo(new Understood("ada", Duration.ZERO, Body.DATA, Delivery.HANG));
    }

    @Test
    void delaysAddUpAndGoWithAContentAndADelivery() {
        assertThat(Orders.parse("all-d50_user-d100_user-wrong_user-twice_ada", Backend.USER))
                .isEqualTo(new Understood("ada", Duration.ofMillis(150), Body.WRONG, Delivery.TWICE));
    }

    @Test
    void ofTwoContentsTheLastCounts() {
        assertThat(Orders.parse("all-500_user-404_x", Backend.USER))
                .isEqualTo(new Understood("x", Duration.ZERO, new Status(404), Delivery.WHOLE));
    }

    @Test
    void manyAreCounted() {
        assertThat(Orders.parse("posts-n120_ada", Backend.POSTS))
                .isEqualTo(new Understood("ada", Duration.ZERO, new Many(120), Delivery.WHOLE));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DATA")
    void everyContentHasAnOrder(Body body) {
        assertThat(Orders.parse("user-" + lowerCase(body) + "_ada", Backend.USER))
                .isEqualTo(new Understood("ada", Duration.ZERO, body, Delivery.WHOLE));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WHOLE")
    void everyDeliveryHasAnOrder(Delivery delivery) {
        assertThat(Orders.parse("user-" + lowerCase(delivery) + "_ada", Backend.USER))
                .isEqualTo(new Understood("ada", Duration.ZERO, Body.DATA, delivery));
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
    void whatIsNoOrderIsNotUnderstood(String order) {
        assertThat(Orders.parse("all-d1_" + order + "_ada", Backend.USER)).isEqualTo(new NotUnderstood(order));
    }

    @Test
    void whatIsOrderedFromAnotherBackendIsNotLookedAt() {
        assertThat(Orders.parse("user-foo_ada", Backend.POSTS)).isEqualTo(plain("ada"));
    }

    private static Understood plain(String person) {
        return new Understood(person, Duration.ZERO, Body.DATA, Delivery.WHOLE);
    }

    private static String lowerCase(Enum<?> what) {
        return what.name().toLowerCase(Locale.ROOT);
    }
}
