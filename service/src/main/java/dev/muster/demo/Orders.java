package dev.muster.demo;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what an id orders from one backend: {@code posts-d200_posts-500_ada} is ada, whose posts fail after 200 ms.
 *
 * <p>An id is split at {@code _}; the last part is the person, each part before it {@code <backend>-<what>}. Delays add
 * up; of two contents, or of two deliveries, the last counts, so that {@code all-500_user-404_ada} means what it looks
 * like. Orders for another backend are that backend's business and are not looked at.
 */
sealed interface Orders {

    /** What is on offer, for people. */
    String ALLOWED = "orders are <user|posts|friends|all>-<what>, each followed by _, and then the person;"
            + " <what> is a status from 200 to 599, d<ms>, n<items>, "
            + Stream.of(Delivery.values(), Body.values())
                    .flatMap(Arrays::stream)
                    .filter(what -> what != Delivery.WHOLE && what != Body.DATA)
                    .map(what -> what.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "));

    /** What a backend shall do for this person. */
    record Understood(String person, Duration delay, Content content, Delivery delivery) implements Orders {

        private Understood after(Duration more) {
            return new Understood(person, delay.plus(more), content, delivery);
        }

        private Understood with(Content other) {
            return new Understood(person, delay, other, delivery);
        }

        private Understood by(Delivery other) {
            return new Understood(person, delay, content, other);
        }
    }

    /** The part of an id that is no order. */
    record NotUnderstood(String order) implements Orders {}

    /** What the answer says. */
    sealed interface Content {}

    /** A status with the data (2xx) or with an error. */
    record Status(int code) implements Content {}

    /** So many posts or friends, in place of the person's own. */
    record Many(int items) implements Content {}

    /** The bodies that come with a 200. */
    enum Body implements Content {
        /** What was asked for. */
        DATA,
        /** A page of text/html. */
        HTML,
        /** JSON that ends half way. */
        NOJSON,
        /** Another user's id, or an object in place of a list. */
        WRONG,
        /** A required field that is null. */
        NULL,
        /** 2 MiB of valid JSON. */
        BIG
    }

    /** How the answer travels, if it does. */
    enum Delivery {
        WHOLE,
        /** Never, until the client goes. */
        HANG,
        /** The head at once, then a byte each 100 ms. */
        DRIP,
        /** RST in its place. */
        RESET,
        /** The connection closes in its place. */
        EMPTY,
        /** Bytes that are no HTTP, then close. */
        GARBAGE,
        /** Half of the body that was announced, then close. */
        CUT,
        /** Two answers to the one request. */
        TWICE;

        /** Whether the connection can serve another request afterwards. */
        boolean keepsOpen() {
            return switch (this) {
                case WHOLE, DRIP, TWICE -> true;
                case HANG, RESET, EMPTY, GARBAGE, CUT -> false;
            };
        }
    }

    Pattern STATUS = Pattern.compile("[2-5]\\d\\d");
    Pattern DELAY = Pattern.compile("d\\d{1,5}");
    Pattern ITEMS = Pattern.compile("n\\d{1,3}");

    /** The orders in {@code id} that concern {@code backend}. */
    static Orders parse(String id, Backend backend) {
        int person = id.lastIndexOf('_') + 1;
        var orders = new Understood(id.substring(person), Duration.ZERO, Body.DATA, Delivery.WHOLE);
        for (int start = 0; start < person; ) {
            int end = id.indexOf('_', start);
            switch (add(orders, id.substring(start, end), backend)) {
                case Understood more -> orders = more;
                case NotUnderstood order -> {
                    return order;
                }
            }
            start = end + 1;
        }
        return orders;
    }

    private static Orders add(Understood orders, String order, Backend backend) {
        int dash = order.indexOf('-');
        String whose = order.substring(0, Math.max(dash, 0));
        Backend named = Backend.named(whose);
        if (named == null && !whose.equals("all")) {
            return new NotUnderstood(order);
        }
        if (named != null && named != backend) {
            return orders;
        }
        String what = order.substring(dash + 1);
        if (STATUS.matcher(what).matches()) {
            return orders.with(new Status(Integer.parseInt(what)));
        }
        if (DELAY.matcher(what).matches()) {
            return orders.after(Duration.ofMillis(Integer.parseInt(what.substring(1))));
        }
        if (ITEMS.matcher(what).matches()) {
            return orders.with(new Many(Integer.parseInt(what.substring(1))));
        }
        return addNamed(orders, order, what);
    }

    private static Orders addNamed(Understood orders, String order, String what) {
        return switch (what) {
            case "html" -> orders.with(Body.HTML);
            case "nojson" -> orders.with(Body.NOJSON);
            case "wrong" -> orders.with(Body.WRONG);
            case "null" -> orders.with(Body.NULL);
            case "big" -> orders.with(Body.BIG);
            case "hang" -> orders.by(Delivery.HANG);
            case "drip" -> orders.by(Delivery.DRIP);
            case "reset" -> orders.by(Delivery.RESET);
            case "empty" -> orders.by(Delivery.EMPTY);
            case "garbage" -> orders.by(Delivery.GARBAGE);
            case "cut" -> orders.by(Delivery.CUT);
            case "twice" -> orders.by(Delivery.TWICE);
            default -> new NotUnderstood(order);
        };
    }
}
