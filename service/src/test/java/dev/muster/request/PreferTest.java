package dev.muster.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.muster.config.Handling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parsing of Prefer (RFC 7240 section 2). */
class PreferTest {
    private static final int ROUNDS = 5_000;

    private static String waitOf(String... lines) {
        return Prefer.of(List.of(lines)).waitSeconds().orElse(null);
    }

    private static Handling handlingOf(String... lines) {
        return Prefer.of(List.of(lines)).handling().orElse(null);
    }

    @Test
    void noLinesStateNothing() {
        assertThat(waitOf()).isNull();
        assertThat(handlingOf()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", ",", ", ,", ";", "=", "respond-async", "return=minimal; foo", "waiting=5", "a=wait"})
    void linesWithoutAKnownPreferenceStateNothing(String line) {
        assertThat(waitOf(line)).isNull();
        assertThat(handlingOf(line)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wait=5, handling=lenient",
                "handling=lenient,wait=5",
                "respond-async, wait=5, return=minimal, handling=lenient",
                ", wait=5,, handling=lenient,",
                "wait=5;a=b;c, handling=lenient;d",
            })
    void aLineHasAnyNumberOfPreferences(String line) {
        assertThat(waitOf(line)).isEqualTo("5");
        assertThat(handlingOf(line)).isEqualTo(Handling.LENIENT);
    }

    @Test
    void preferencesMayComeOnSeveralLines() {
        assertThat(waitOf("return=minimal", "wait=5", "handling=lenient")).isEqualTo("5");
        assertThat(handlingOf("return=minimal", "wait=5", "handling=lenient")).isEqualTo(Handling.LENIENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "handling=lenient; foo=bar",
                "handling=lenient;foo=\"bar\"",
                "handling=lenient;foo=\"a;b,c\"",
                "handling=lenient ;foo",
                "handling=lenient;",
                "handling=lenient;handling=strict",
            })
    void parametersAreNoPartOfTheValue(String line) {
        assertThat(handlingOf(line)).isEqualTo(Handling.LENIENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo; wait=5", "foo=bar;wait=5", "foo;handling=lenient;wait=5"})
    void aParameterIsNoPreference(String line) {
        assertThat(waitOf(line)).isNull();
        assertThat(handlingOf(line)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo=\"a, wait=1\", wait=5",
                "foo=\"a\\\", wait=1\", wait=5",
                "foo=\"a\\\\\", wait=5, bar=\"\\\\\"",
                "foo;bar=\"; , wait=1\", wait=5",
                "foo=\"\", wait=5",
                "foo=\",\";a=\";\";b=\"\\\"\", wait=5",
            })
    void commasAndSemicolonsInsideOfQuotesSeparateNothing(String line) {
        assertThat(waitOf(line)).isEqualTo("5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"wait = 5", "wait= 5", "wait =5", " wait\t=\t5 ", "wait = 5 ; foo = bar", "a ,\twait\t=  5\t,\tb"
            })
    void spacesAndTabsMayStandAroundTheEqualsSign(String line) {
        assertThat(waitOf(line)).isEqualTo("5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HANDLING=lenient", "Handling=lenient", "hAnDlInG=lenient"})
    void namesAreReadInAnyCase(String line) {
        assertThat(handlingOf(line)).isEqualTo(Handling.LENIENT);
    }

    @ParameterizedTest
    @CsvSource({"handling=lenient, LENIENT", "handling=strict, STRICT"})
    void handlingIsStrictOrLenient(String line, Handling handling) {
        assertThat(handlingOf(line)).isEqualTo(handling);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "handling",
                "handling=",
                "handling=\"\"",
                "handling=loose",
                "handling=lenient strict",
                "handling==lenient",
                "handling=\"len",
                "handling=lenient\"",
                "\"handling\"=lenient",
                "handling:lenient",
            })
    void anyOtherHandlingIsNone(String line) {
        assertThat(handlingOf(line)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "wait=\"5\", 5",
                "wait = \"5\" ;a, 5",
                "wait=\"\\5\", 5",
                "wait=\"a\\\"b\", a\"b",
                "wait=\"\\\\\", \\"
            })
    void aQuotedValueIsReadWithoutItsQuotes(String line, String value) {
        assertThat(waitOf(line)).isEqualTo(value);
    }

    @Test
    void aQuotedValueKeepsItsCommasAndSemicolons() {
        assertThat(waitOf("wait=\"5, 6; 7\"")).isEqualTo("5, 6; 7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "wait=", "wait=\"\"", "wait = ", "wait;a=b", "wait=;a=b", "WAIT"})
    void aPreferenceWithoutAValueHasTheEmptyOne(String line) {
        assertThat(waitOf(line)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "-1", "+1", "abc", "1 2", "1=2", "99999999999999999999"})
    void theTimeToWaitIsHandedOnAsItWasStated(String value) {
        assertThat(waitOf("wait=" + value)).isEqualTo(value);
    }

    @Test
    void ofARepeatedPreferenceTheFirstCounts() {
        assertThat(waitOf("wait=5, wait=6")).isEqualTo("5");
        assertThat(waitOf("wait=5", "wait=6")).isEqualTo("5");
        assertThat(waitOf("a", "b, WAIT=5, Wait=6", "wait=7")).isEqualTo("5");
        assertThat(handlingOf("handling=strict, handling=lenient")).isEqualTo(Handling.STRICT);
        assertThat(handlingOf("handling=lenient", "handling=strict")).isEqualTo(Handling.LENIENT);
    }

    @Test
    void theFirstCountsThoughItIsNotValid() {
        assertThat(waitOf("wait, wait=6")).isEmpty();
        assertThat(waitOf("wait=soon", "wait=6")).isEqualTo("soon");
        assertThat(handlingOf("handling=loose, handling=lenient")).isNull();
        assertThat(handlingOf("handling", "handling=lenient")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo=\"", "foo=\"bar", "\"", "\\", "foo=\"bar\\", "foo=\\\"", "\"\"\"", "wait\"=1"})
    void aQuoteThatIsNotClosedSpoilsNoOtherLine(String broken) {
        assertThat(waitOf(broken, "wait=5")).isEqualTo("5");
        assertThat(waitOf("wait=5", broken)).isEqualTo("5");
    }

    @Test
    void aQuoteThatIsNotClosedSwallowsTheRestOfItsLine() {
        assertThat(waitOf("foo=\"bar, wait=5")).isNull();
        assertThat(waitOf("wait=\"5, wait=6")).isEqualTo("\"5, wait=6");
    }

    @Test
    void noGarbageThrowsOrTouchesWhatStandsBeforeIt() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Prefer stated = Prefer.of(List.of("wait=5, handling=lenient"));
        for (int round = 0; round < ROUNDS; round++) {
            List<String> garbage = IntStream.range(0, 1 + random.nextInt(3))
                    .mapToObj(_ -> garbage(random))
                    .toList();
            List<String> behind = new ArrayList<>(List.of("wait=5, handling=lenient"));
            behind.addAll(garbage);

            assertThatCode(() -> Prefer.of(garbage))
                    .as("seed %d: %s", seed, garbage)
                    .doesNotThrowAnyException();
            assertThat(Prefer.of(behind)).as("seed %d: %s", seed, garbage).isEqualTo(stated);
        }
    }

    private static String garbage(Random random) {
        String[] pieces = {
            "\"",
            "\\",
            ",",
            ";",
            "=",
            " ",
            "\t",
            "wait",
            "handling",
            "lenient",
            "1",
            "-",
            "$",
            "\u00e9",
            "\u0085",
            "\u0000"
        };
        return IntStream.range(0, random.nextInt(12))
                .mapToObj(_ -> pieces[random.nextInt(pieces.length)])
                .collect(Collectors.joining());
    }

    @Test
    void whateverIsWellFormedIsRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            List<String> preferences = new ArrayList<>(List.of(
                    spelled(random, "wait", "7"),
                    spelled(random, "handling", "strict"),
                    spelled(random, "x", "wait"),
                    spelled(random, "y", "a, wait=1; \"handling\" = \\lenient")));
            Collections.shuffle(preferences, random);
            int cut = random.nextInt(preferences.size());
            List<String> lines = List.of(
                    String.join(random.nextBoolean() ? "," : " ,\t", preferences.subList(0, cut)),
                    String.join(", ", preferences.subList(cut, preferences.size())));

            Prefer read = Prefer.of(lines);

            assertThat(read.waitSeconds()).as("seed %d: %s", seed, lines).hasValue("7");
            assertThat(read.handling()).as("seed %d: %s", seed, lines).hasValue(Handling.STRICT);
        }
    }

    /** Writes a preference in one of many ways, quoted if it has to be. */
    private static String spelled(Random random, String name, String value) {
        boolean isToken = value.matches("[a-z0-9]+");
        String word = isToken && random.nextBoolean()
                ? value
                : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        String bws = random.nextBoolean() ? "" : " ";
        String parameter = random.nextBoolean() ? "" : bws + ";" + bws + "p" + bws + "=" + bws + "\"wait=3, \\\"; q\"";
        String cased = random.nextBoolean() ? name : name.toUpperCase(Locale.ROOT);
        return cased + bws + "=" + bws + word + parameter;
    }
}
