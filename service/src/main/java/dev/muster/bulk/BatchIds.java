package dev.muster.bulk;

import dev.muster.problem.RequestRejected;
import dev.muster.request.ProfileId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/** The ids of a batch. Each distinct id is an item, fetched once. Each place in the list gets a result. Immutable. */
final class BatchIds {
    /** The most ids in a list for each distinct one: each place costs a whole result, but few bytes of request. */
    private static final int REPETITIONS = 10;

    /** UTF-8 only (RFC 8259 section 8.1). */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final String SHAPE = "The body must be an object with one member, \"ids\", which is a list of ids.";

    private final List<String> distinct;
    /** The item at each place in the list. */
    private final int[] items;
    /** The places of each item, in ascending order. */
    private final int[][] places;

    private BatchIds(List<String> distinct, int[] items) {
        this.distinct = List.copyOf(distinct);
        this.items = items;
        this.places = places(distinct.size(), items);
    }

    private static int[][] places(int distinct, int[] items) {
        int[] counts = new int[distinct];
        for (int item : items) {
            counts[item]++;
        }
        int[][] places = new int[distinct][];
        for (int item = distinct - 1; item >= 0; item--) {
            places[item] = new int[counts[item]];
        }
        for (int place = items.length - 1; place >= 0; place--) {
            int item = items[place];
            places[item][--counts[item]] = place;
        }
        return places;
    }

    /**
     * Reads {@code {"ids":["…", …]}}.
     *
     * @param maxDistinct the most distinct ids
     * @throws RequestRejected for any other body; it names the first bad id, if there is one
     */
    static BatchIds parse(byte[] body, int maxDistinct) {
        int start = startsWithByteOrderMark(body) ? BYTE_ORDER_MARK.length : 0;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body, start, body.length - start)) {
            requireShape(parser.nextToken() == JsonToken.START_OBJECT);
            requireShape(parser.nextToken() == JsonToken.PROPERTY_NAME);
            requireShape(parser.currentName().equals("ids"));
            requireShape(parser.nextToken() == JsonToken.START_ARRAY);
            BatchIds ids = list(parser, maxDistinct);
            requireEnd(parser);
            return ids;
        } catch (JacksonException e) {
            throw new RequestRejected.BadBatch("The body is not JSON in UTF-8" + where(e) + ".");
        }
    }

    /** Some clients write a byte order mark. We ignore it, as RFC 8259 section 8.1 allows. */
    private static boolean startsWithByteOrderMark(byte[] body) {
        return Arrays.mismatch(body, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length;
    }

    /** A repeated member is valid JSON, but RFC 8259 section 4 does not say which one counts. */
    private static void requireEnd(JsonParser parser) {
        JsonToken end = parser.nextToken();
        if (end == JsonToken.PROPERTY_NAME && parser.currentName().equals("ids")) {
            throw new RequestRejected.BadBatch("\"ids\" occurs more than once.");
        }
        requireShape(end == JsonToken.END_OBJECT);
        requireShape(parser.nextToken() == null);
    }

    private static String where(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : ": line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }

    private static void requireShape(boolean holds) {
        if (!holds) {
            throw new RequestRejected.BadBatch(SHAPE);
        }
    }

    private static BatchIds list(JsonParser parser, int maxDistinct) {
        Map<String, Integer> known = new HashMap<>();
        List<String> distinct = new ArrayList<>();
        List<Integer> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                throw new RequestRejected.BadBatch(items.size());
            }
            String id = parser.getString();
            if (!ProfileId.isValid(id)) {
                throw new RequestRejected.BadId(ProfileId.RULE, items.size());
            }
            Integer item = known.get(id);
            if (item == null) {
                item = distinct.size();
                known.put(id, item);
                distinct.add(id);
            }
            items.add(item);
            if (distinct.size() > maxDistinct || items.size() > REPETITIONS * maxDistinct) {
                throw new RequestRejected.TooManyIds(maxDistinct, REPETITIONS);
            }
        }
        if (items.isEmpty()) {
            throw new RequestRejected.BadBatch("\"ids\" must name at least one id.");
        }
        if (items.size() > REPETITIONS * distinct.size()) {
            throw new RequestRejected.TooManyIds(maxDistinct, REPETITIONS);
        }
        return new BatchIds(distinct, items.stream().mapToInt(Integer::intValue).toArray());
    }

    int distinct() {
        return distinct.size();
    }

    /** The number of ids in the list, with repetitions. */
    int requested() {
        return items.length;
    }

    String id(int item) {
        return distinct.get(item);
    }

    int itemAt(int place) {
        return items[place];
    }

    /** The places of {@code item} in the list, in ascending order. */
    int[] places(int item) {
        return places[item].clone();
    }

    int firstPlace(int item) {
        return places[item][0];
    }

    int lastPlace(int item) {
        return places[item][places[item].length - 1];
    }
}
