package dev.muster.bulk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.muster.problem.RequestRejected;
import dev.muster.problem.RequestRejected.BadBatch;
import dev.muster.problem.RequestRejected.BadId;
import dev.muster.problem.RequestRejected.TooManyIds;
import dev.muster.request.ProfileId;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bodies are batches, which ids they have, and the details for all other bodies. */
class BatchIdsTest {
    private static final int MAX = 5;
    private static final String SHAPE = "The body must be an object with one member, \"ids\", which is a list of ids.";
    private static final String NO_IDS = "\"ids\" must name at least one id.";

    private static BatchIds parse(String body) {
        return BatchIds.parse(body.getBytes(UTF_8), MAX);
    }

    private static BatchIds parse(Charset charset, String body) {
        return BatchIds.parse(body.getBytes(charset), MAX);
    }

    /** The distinct ids, in the order of their items. */
    private static List<String> distinct(BatchIds ids) {
        return IntStream.range(0, ids.distinct()).mapToObj(ids::id).toList();
    }

    /** The ids as they stand in the list. */
    private static List<String> all(BatchIds ids) {
        return IntStream.range(0, ids.requested())
                .mapToObj(place -> ids.id(ids.itemAt(place)))
                .toList();
    }

    private static String list(Stream<String> ids) {
        return ids.map(id -> '"' + id + '"').collect(Collectors.joining(",", "{\"ids\":[", "]}"));
    }

    private static Stream<String> numbered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "id-" + i);
    }

    @Test
    void idsThatDifferAreItemsInTheOrderOfTheList() {
        BatchIds ids = parse("{\"ids\":[\"b\",\"a\",\"c\"]}");

        assertThat(distinct(ids)).containsExactly("b", "a", "c");
        assertThat(all(ids)).containsExactly("b", "a", "c");
    }

    @Test
    void aRepeatedIdIsOneItemAtSeveralPlaces() {
        BatchIds ids = parse("{\"ids\":[\"b\",\"a\",\"b\",\"c\",\"a\",\"b\"]}");

        assertThat(ids.requested()).isEqualTo(6);
        assertThat(distinct(ids)).containsExactly("b", "a", "c");
        assertThat(all(ids)).containsExactly("b", "a", "b", "c", "a", "b");
        assertThat(ids.places(0)).containsExactly(0, 2, 5);
        assertThat(ids.places(1)).containsExactly(1, 4);
        assertThat(ids.places(2)).containsExactly(3);
        assertThat(List.of(ids.firstPlace(0), ids.firstPlace(1), ids.firstPlace(2)))
                .containsExactly(0, 1, 3);
        assertThat(List.of(ids.lastPlace(0), ids.lastPlace(1), ids.lastPlace(2)))
                .containsExactly(5, 4, 3);
    }

    @Test
    void whoeverGetsThePlacesCannotChangeThem() {
        BatchIds ids = parse("{\"ids\":[\"a\",\"b\",\"a\"]}");

        Arrays.fill(ids.places(0), 7);

        assertThat(ids.places(0)).containsExactly(0, 2);
    }

    @Test
    void idsThatDifferInTheirCaseAloneDiffer() {
        assertThat(parse("{\"ids\":[\"a\",\"A\"]}").distinct()).isEqualTo(2);
    }

    @Test
    void anIdMayBeWrittenWithEscapes() {
        BatchIds ids = parse("{\"ids\":[\"\\u0061da\",\"ada\",\"\\u0041\"]}");

        assertThat(all(ids)).containsExactly("ada", "ada", "A");
        assertThat(ids.distinct()).isEqualTo(2);
    }

    @Test
    void theMembersNameMayBeWrittenWithEscapes() {
        assertThat(distinct(parse("{\"\\u0069ds\":[\"a\"]}"))).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {" { \"ids\" : [ \"a\" ] } ", "\t\r\n{\"ids\":\n[\"a\"\r\n]\t}\n", "{\"ids\":[\"a\"]}\n\n"})
    void whitespaceBetweenTokensIsOfNoAccount(String body) {
        assertThat(distinct(parse(body))).containsExactly("a");
    }

    /** RFC 8259 section 8.1 allows us to ignore it. */
    @Test
    void aByteOrderMarkIsOfNoAccount() {
        assertThat(distinct(parse("\uFEFF{\"ids\":[\"a\"]}"))).containsExactly("a");
    }

    /** RFC 4627 allowed these encodings, and the first bytes tell which. RFC 8259 section 8.1 allows only UTF-8. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void theOtherEncodingsThatJsonOnceHadAreNotJson(String charset) {
        for (String mark : List.of("", "\uFEFF")) {
            assertThatThrownBy(() -> parse(Charset.forName(charset), mark + "{\"ids\":[\"a\"]}"))
                    .isInstanceOf(BadBatch.class)
                    .hasMessageMatching("The body is not JSON in UTF-8: line 1, column [0-9]+\\.");
        }
    }

    /** RFC 8259 section 4 does not say which one counts. */
    @ParameterizedTest
    @ValueSource(strings = {"[\"b\"]", "[\"a\"]", "7"})
    void aListThatIsThereTwiceIsRefusedAsThat(String again) {
        assertThatThrownBy(() -> parse("{\"ids\":[\"a\"],\n\"ids\":" + again + "}"))
                .isInstanceOf(BadBatch.class)
                .hasMessage("\"ids\" occurs more than once.");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64})
    void anIdMayBeAsShortAndAsLongAsAProfilesMay(int length) {
        assertThat(distinct(parse("{\"ids\":[\"" + "x".repeat(length) + "\"]}")))
                .containsExactly("x".repeat(length));
    }

    @Test
    void asManyIdsMayDifferAsAreAllowed() {
        assertThat(parse(list(numbered(0, MAX))).distinct()).isEqualTo(MAX);
    }

    @Test
    void tenTimesAsManyIdsAsDifferMayBeNamedInAll() {
        BatchIds ids = parse(list(Stream.concat(Collections.nCopies(19, "a").stream(), Stream.of("b"))));

        assertThat(ids.requested()).isEqualTo(20);
        assertThat(ids.distinct()).isEqualTo(2);
        assertThat(ids.lastPlace(0)).isEqualTo(18);
    }

    @Test
    void bothLimitsMayBeReachedAtOnce() {
        BatchIds ids = parse(list(IntStream.range(0, MAX * 10).mapToObj(i -> "id-" + i % MAX)));

        assertThat(ids.requested()).isEqualTo(MAX * 10);
        assertThat(ids.distinct()).isEqualTo(MAX);
    }

    static Stream<String> tooMany() {
        return Stream.of(
                list(numbered(0, MAX + 1)),
                list(Collections.nCopies(11, "a").stream()),
                list(Stream.concat(Collections.nCopies(20, "a").stream(), Stream.of("b"))),
                // The limit on the length is checked before the end of the list, the limit on repetitions at its end.
                list(Collections.nCopies(MAX * 10 + 1, "a").stream()).replace("]}", ",oops"),
                list(Stream.concat(Collections.nCopies(30, "a").stream(), numbered(0, MAX))),
                // Nothing after the first excess id is checked.
                list(numbered(0, MAX + 1)).replace("]}", ",\"not an id\"]}"),
                list(numbered(0, MAX + 1)).replace("]}", ",oops"));
    }

    @ParameterizedTest
    @MethodSource
    void tooMany(String body) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(TooManyIds.class)
                .hasMessage(
                        "A batch may have at most 5 different ids, and in total at most 10 times as many ids as it has"
                                + " different ones.");
    }

    static Stream<Arguments> notTheShape() {
        return Stream.of(
                arguments("{}", SHAPE),
                arguments("[]", SHAPE),
                arguments("[\"a\"]", SHAPE),
                arguments("\"a\"", SHAPE),
                arguments("null", SHAPE),
                arguments("true", SHAPE),
                arguments("17", SHAPE),
                arguments("{\"ids\":null}", SHAPE),
                arguments("{\"ids\":\"a\"}", SHAPE),
                arguments("{\"ids\":1}", SHAPE),
                arguments("{\"ids\":{\"0\":\"a\"}}", SHAPE),
                arguments("{\"Ids\":[\"a\"]}", SHAPE),
                arguments("{\"id\":[\"a\"]}", SHAPE),
                arguments("{\"\":[\"a\"]}", SHAPE),
                arguments("{\"x\":1,\"ids\":[\"a\"]}", SHAPE),
                arguments("{\"ids\":[\"a\"],\"x\":1}", SHAPE),
                arguments("{\"ids\":[\"a\"]}{\"ids\":[\"b\"]}", SHAPE),
                arguments("{\"ids\":[\"a\"]}[]", SHAPE),
                arguments("{\"ids\":[\"a\"]} 1", SHAPE),
                arguments("[".repeat(100_000), SHAPE),
                arguments("{\"ids\":".repeat(50_000), SHAPE),
                arguments("", SHAPE),
                arguments(" \r\n\t", SHAPE),
                arguments("{\"ids\":[]}", NO_IDS),
                arguments("{\"ids\":[ ]}", NO_IDS));
    }

    @ParameterizedTest
    @MethodSource
    void notTheShape(String body, String detail) {
        assertThatThrownBy(() -> parse(body)).isInstanceOf(BadBatch.class).hasMessage(detail);
    }

    static Stream<Arguments> notJson() {
        return Stream.of(
                arguments("oops", 1),
                arguments("\uFEFF", 1),
                arguments("{", 1),
                arguments("{\"ids\"", 1),
                arguments("{\"ids\":", 1),
                arguments("{\"ids\":[", 1),
                arguments("{\"ids\":[\"a", 1),
                arguments("{\"ids\":[\"a\"", 1),
                arguments("{\"ids\":[\"a\",", 1),
                arguments("{\"ids\":[\"a\"]", 1),
                arguments("{\"ids\":[\"a\"}", 1),
                arguments("{\"ids\":[\"a\",]}", 1),
                arguments("{\"ids\":[,\"a\"]}", 1),
                arguments("{\"ids\":[\"a\" \"b\"]}", 1),
                arguments("{\"ids\":[\"a\"],}", 1),
                arguments("{\"ids\" [\"a\"]}", 1),
                arguments("{ids:[\"a\"]}", 1),
                arguments("{'ids':['a']}", 1),
                arguments("{\"ids\":['a']}", 1),
                arguments("{\"ids\":[a]}", 1),
                arguments("{\"ids\":[NaN]}", 1),
                arguments("{\"ids\":[-Infinity]}", 1),
                arguments("{\"ids\":[01]}", 1),
                arguments("{\"ids\":[+1]}", 1),
                arguments("{\"ids\":[.5]}", 1),
                arguments("{\"ids\":[\"\\x61\"]}", 1),
                arguments("{\"ids\":[\"\\u00g1\"]}", 1),
                arguments("{\"ids\":[\"a\nb\"]}", 1),
                arguments("{\"ids\":[\"a\u0000b\"]}", 1),
                arguments("{\n\"ids\":[/* */\"a\"]}", 2),
                arguments("{\n\"ids\":[\"a\"] // a list\n}", 2),
                arguments("{\n\"ids\":[\"a\"]}\n# end", 3),
                arguments("{\n\"ids\":[\"a\"]}\n}", 3),
                arguments("{\n\"ids\":[\"a\"]}\n\u0000", 3),
                arguments("\u00A0{\"ids\":[\"a\"]}", 1));
    }

    @ParameterizedTest
    @MethodSource
    void notJson(String body, int line) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(BadBatch.class)
                .hasMessageMatching("The body is not JSON in UTF-8: line " + line + ", column [0-9]+\\.");
    }

    static Stream<byte[]> notText() {
        return Stream.of(
                bytes("{\"ids\":[\"", 0xC3, "\"]}"),
                bytes("{\"ids\":[\"", 0xFF, "\"]}"),
                // A surrogate, and a code point beyond Unicode.
                bytes("{\"ids\":[\"", 0xED, 0xA0, 0x80, "\"]}"),
                bytes("{\"ids\":[\"", 0xF5, 0x80, 0x80, 0x80, "\"]}"),
                bytes(0xFF),
                bytes(0xEF, 0xBB),
                bytes(0xEF, 0xBB, "{\"ids\":[\"a\"]}"),
                bytes(0xFE, 0xFF, 0x00),
                bytes(0x00, 0x00, 0x00, 0x00),
                // UTF-32 beyond Unicode, and in a byte order that no machine has.
                bytes(0x00, 0x00, 0xFE, 0xFF, 0x7F, 0x00, 0x00, 0x00),
                bytes(0x00, 0x00, 0xFF, 0xFE, 0x00, 0x00, 0x00, "{"),
                bytes(0x1F, 0x8B, 0x08, 0x00));
    }

    private static byte[] bytes(Object... parts) {
        byte[] all = new byte[64];
        int length = 0;
        for (Object part : parts) {
            byte[] bytes = part instanceof Integer one ? new byte[] {one.byteValue()} : ((String) part).getBytes(UTF_8);
            System.arraycopy(bytes, 0, all, length, bytes.length);
            length += bytes.length;
        }
        return Arrays.copyOf(all, length);
    }

    @ParameterizedTest
    @MethodSource
    void notText(byte[] body) {
        assertThatThrownBy(() -> BatchIds.parse(body, MAX))
                .isInstanceOfAny(BadBatch.class, BadId.class)
                .hasMessageMatching("The body is not JSON.*|ids\\[0\\] must be .*");
    }

    static Stream<Arguments> badElement() {
        return Stream.of(
                arguments("{\"ids\":[null]}", 0),
                arguments("{\"ids\":[1]}", 0),
                arguments("{\"ids\":[\"a\",1.5e7]}", 1),
                arguments("{\"ids\":[\"a\",\"a\",true]}", 2),
                arguments("{\"ids\":[\"a\",false,null]}", 1),
                arguments("{\"ids\":[[\"a\"]]}", 0),
                arguments("{\"ids\":[[]]}", 0),
                arguments("{\"ids\":[\"a\",{\"id\":\"a\"}]}", 1),
                arguments("{\"ids\":" + "[".repeat(100_000), 0),
                arguments("{\"ids\":[" + "9".repeat(1000) + "]}", 0),
                // The first fault is named.
                arguments("{\"ids\":[1,\"not an id\"]}", 0),
                arguments("{\"ids\":[1,oops", 0));
    }

    @ParameterizedTest
    @MethodSource
    void badElement(String body, int index) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(BadBatch.class)
                .hasMessage("ids[" + index + "] must be a string.");
    }

    static Stream<Arguments> badId() {
        return Stream.of(
                arguments("{\"ids\":[\"\"]}", 0),
                arguments("{\"ids\":[\"a\",\" \"]}", 1),
                arguments("{\"ids\":[\"a\",\"b\",\"a \"]}", 2),
                arguments("{\"ids\":[\"a\",\"a\",\"a/b\"]}", 2),
                arguments("{\"ids\":[\"..\"]}", 0),
                arguments("{\"ids\":[\"a%20\"]}", 0),
                arguments("{\"ids\":[\"\\u0000\"]}", 0),
                arguments("{\"ids\":[\"a\\n\"]}", 0),
                arguments("{\"ids\":[\"\\\"\"]}", 0),
                arguments("{\"ids\":[\"\u00E4\"]}", 0),
                arguments("{\"ids\":[\"\\u00e4\"]}", 0),
                arguments("{\"ids\":[\"\uD83D\uDE00\"]}", 0),
                arguments("{\"ids\":[\"\\ud83d\"]}", 0),
                // A fullwidth letter and an Arabic digit.
                arguments("{\"ids\":[\"\uFF41\"]}", 0),
                arguments("{\"ids\":[\"\u0661\"]}", 0),
                arguments("{\"ids\":[\"" + "x".repeat(65) + "\"]}", 0),
                arguments("{\"ids\":[\"a\",\"" + "x".repeat(1_000_000) + "\"]}", 1),
                arguments("{\"ids\":[\"not an id\",1]}", 0),
                arguments("{\"ids\":[\"not an id\",oops", 0));
    }

    @ParameterizedTest
    @MethodSource
    void badId(String body, int index) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(BadId.class)
                .hasMessage("ids[" + index + "] must be " + ProfileId.RULE + ".");
    }

    /** These are JSON, but longer than the parser accepts. */
    @Test
    void aNameOrANumberOfAnyLengthIsRefused() {
        assertThatThrownBy(() -> parse("{\"" + "x".repeat(1_000_000) + "\":[]}"))
                .isInstanceOf(BadBatch.class);
        assertThatThrownBy(() -> parse("{\"ids\":[" + "9".repeat(1_000_000) + "]}"))
                .isInstanceOf(BadBatch.class);
    }

    @Test
    void whateverTheBytesAreTheyAreABatchOrRefused() {
        byte[] good = "{\"ids\":[\"a\",\"b-1\",\"\\u0061\"]}".getBytes(UTF_8);
        for (int seed = 0; seed < 20_000; seed++) {
            byte[] body = spoilt(good, new Random(seed));

            Throwable thrown = catchThrowable(() -> BatchIds.parse(body, MAX));

            if (thrown != null) {
                assertThat(thrown)
                        .as("with the seed " + seed)
                        .isInstanceOf(RequestRejected.class)
                        .hasMessageEndingWith(".");
            }
        }
    }

    /** Changes some bytes, cuts some off, and sometimes uses another encoding. */
    private static byte[] spoilt(byte[] good, Random random) {
        List<Charset> charsets = List.of(UTF_8, UTF_8, Charset.forName("UTF-16"), Charset.forName("UTF-32LE"));
        byte[] bytes = new String(good, UTF_8).getBytes(charsets.get(random.nextInt(charsets.size())));
        for (int i = random.nextInt(4); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }
}
