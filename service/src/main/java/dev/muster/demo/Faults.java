package dev.muster.demo;

import dev.muster.config.BackendName;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The faults in an id, for one backend: {@code posts-d200_posts-500_ada} is ada, whose posts fail after 200 ms.
 *
 * <p>An id is split at {@code _}. The last part is the person, each part before it a fault {@code <backend>-<what>}. Delays
 * add up. Of two contents, or of two deliveries, the last counts: {@code all-500_user-404_ada} means what it looks like. A
 * fault for another backend is ignored.
 */
sealed interface Faults {

    /** The syntax, for people. */
    String ALLOWED = "a fault is <"
            + BackendName.ALL.stream().map(BackendName::label).collect(Collectors.joining("|"))
            + "|all>-<what>, followed by _, and the person comes last;"
            + " <what> is a status from 200 to 599, d<ms>, n<items>, "
            + Stream.of(Delivery.values(), Body.values())
                    .flatMap(Arrays::stream)
                    .filter(what -> what != Delivery.WHOLE && what != Body.DATA)
                    .map(what -> what.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "));

    String ALL_BACKENDS = "all";

    /** The answer of a backend for this person. */
    record Known(String person, Duration delay, Content content, Delivery delivery) implements Faults {

        private Known after(Duration more) {
            return new Known(person, delay.plus(more), content, delivery);
        }

        private Known with(Content other) {
            return new Known(person, delay, other, delivery);
        }

        private Known by(Delivery other) {
            return new Known(person, delay, content, other);
        }
    }

    /** A part of an id that is no fault. */
    record Unknown(String part) implements Faults {}

    sealed interface Content {}

    /** A status with the data (2xx) or with an error. */
    record Status(int code) implements Content {}

    /** A list with this many items. */
    record Many(int items) implements Content {}

    /** The bodies of a 200. */
    enum Body implements Content {
        DATA,
        /** A page of text/html. */
        HTML,
        /** The first half of the JSON. */
        NOJSON,
        /** Another user's id, or an object in place of a list. */
        WRONG,
        /** An id that is null. */
        NULL,
        /** 2 MiB of valid JSON. */
        BIG
    }

    enum Delivery {
        WHOLE,
        /** Nothing, until the client goes. */
        HANG,
        /** The head at once, then a byte each 100 ms. */
        DRIP,
        /** A reset (RST) in place of the answer. */
        RESET,
        /** An end of the connection in place of the answer. */
        EMPTY,
        /** Bytes that are no HTTP, then close. */
        GARBAGE,
        /** Half of the announced body, then close. */
        CUT,
        /** Two answers to one request. */
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

    /** The faults in {@code id} for {@code backend}. */
    static Faults parse(String id, BackendName backend) {
        int person = id.lastIndexOf('_') + 1;
        var faults = new Known(id.substring(person), Duration.ZERO, Body.DATA, Delivery.WHOLE);
        for (int start = 0; start < person; ) {
            int end = id.indexOf('_', start);
            switch (add(faults, id.substring(start, end), backend)) {
                case Known more -> faults = more;
                case Unknown unknown -> {
                    return unknown;
                }
            }
            start = end + 1;
        }
        return faults;
    }

    private static Faults add(Known faults, String part, BackendName backend) {
        int dash = part.indexOf('-');
        String name = part.substring(0, Math.max(dash, 0));
        if (!name.equals(ALL_BACKENDS) && !name.equals(backend.label())) {
            return BackendName.ALL.stream().anyMatch(other -> other.label().equals(name)) ? faults : new Unknown(part);
        }
        String what = part.substring(dash + 1);
        if (STATUS.matcher(what).matches()) {
            return faults.with(new Status(Integer.parseInt(what)));
        }
        if (DELAY.matcher(what).matches()) {
            return faults.after(Duration.ofMillis(Integer.parseInt(what.substring(1))));
        }
        if (ITEMS.matcher(what).matches()) {
            return faults.with(new Many(Integer.parseInt(what.substring(1))));
        }
        for (Body body : Body.values()) {
            if (body != Body.DATA && body.name().toLowerCase(Locale.ROOT).equals(what)) {
                return faults.with(body);
            }
        }
        for (Delivery delivery : Delivery.values()) {
            if (delivery != Delivery.WHOLE
                    && delivery.name().toLowerCase(Locale.ROOT).equals(what)) {
                return faults.by(delivery);
            }
        }
        return new Unknown(part);
    }
}
