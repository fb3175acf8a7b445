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

/**
 * The ids that a batch asks for: each that differs is an item, fetched once; each place in the list is answered.
 * Immutable.
 */
final class BatchIds {
    /** How many times as many ids as differ a list may have: each place is answered, however short the request. */
    private static final int REPETITIONS = 10;

    /** UTF-8 and nothing else (RFC 8259 section 8.1). */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final String SHAPE = "The body must be an object with one member, \"ids\", which is a list of ids.";

    private final List<String> distinct;
    /** By place in the list, the item that stands there. */
    private final int[] items;
    /** By item, where it stands, in ascending order. */
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
     * @param maxDistinct how many ids that differ there may be; in all there may be {@value #REPETITIONS} times as many
     *     as differ
     * @throws RequestRejected if it is anything else, saying which id is at fault, if one is
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

    /** Ignored, as RFC 8259 section 8.1 allows: there are clients that write one. */
    private static boolean startsWithByteOrderMark(byte[] body) {
        return Arrays.mismatch(body, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length;
    }

    /** A list that is there twice is valid JSON, of which nobody knows which one counts (RFC 8259 section 4). */
    private static void requireEnd(JsonParser parser) {
        JsonToken end = parser.nextToken();
        if (end == JsonToken.PROPERTY_NAME && parser.currentName().equals("ids")) {
            throw new RequestRejected.BadBatch("\"ids\" is there more than once.");
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

    /** How many ids differ. */
    int distinct() {
        return distinct.size();
    }

    /** How many ids were asked for, repeated ones too. */
    int requested() {
        return items.length;
    }

    String id(int item) {
        return distinct.get(item);
    }

    /** The item that stands at {@code place} of the list. */
    int itemAt(int place) {
        return items[place];
    }

    /** Where in the list {@code item} stands, in ascending order. */
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
