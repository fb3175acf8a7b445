package dev.muster.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The two formats of a log line, with content that requests alone cannot cause. */
class FormatterTest {
    /** All control characters, other line ends, direction marks, half a surrogate pair, a tag, and plain text. */
    private static final String HOSTILE =
            controls() + "\u2028\u2029\u202e\u200b\ufeff\ud800\udb40\udc41 \u00e9\u4e2d\ud83d\ude00";

    private static String controls() {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 0xa0; c++) {
            if (Character.isISOControl(c)) {
                all.append(c);
            }
        }
        return all.toString();
    }

    private static LogRecord record(LogFields fields, String message, Throwable thrown) {
        return fields.record(Level.INFO, "test", message, thrown);
    }

    private static String text(LogRecord record) {
        return new TextFormatter().format(record);
    }

    private static JsonNode json(LogRecord record) {
        String line = new JsonFormatter().format(record);
        assertThat(line).matches("[\\x20-\\x7e]*\\n");
        return JsonMapper.shared().readTree(line);
    }

    @Test
    void textShowsHiddenCharactersAsEscapes() {
        String line = text(record(new LogFields().add("f", HOSTILE), HOSTILE, null));

        assertThat(line.stripTrailing().codePoints())
                .noneMatch(c -> Character.isISOControl(c)
                        || Character.getType(c) == Character.FORMAT
                        || Character.getType(c) == Character.SURROGATE
                        || c == 0x2028
                        || c == 0x2029);
        assertThat(line)
                .contains("\\u0000\\u0001", "\\u000a", "\\u001b", "\\u007f", "\\u009b", "\\u2028", "\\u202e")
                .contains("\\ud800", "\\ue0041", "\u00e9\u4e2d\ud83d\ude00")
                .endsWith("\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        plain      | f=plain
        ``         | f=""
        a b        | f="a b"
        a=b        | f="a=b"
        a"b        | f="a\\"b"
        a\\b       | f=a\\\\b
        a b\\      | f="a b\\\\"
        a" status=200 | f="a\\" status=200"
        """)
    void textQuotesAValueSoThatItCannotPassForAnotherField(String value, String shown) {
        assertThat(text(record(new LogFields().add("f", value).add("g", 1), "m", null)))
                .endsWith(" INFO m " + shown + " g=1\n");
    }

    @Test
    void textIndentsAStackTraceSoThatItCannotPassForALine() {
        String line = text(record(new LogFields(), "m", new IllegalStateException("a\n12:00:00.000 INFO forged")));

        assertThat(line.lines().skip(1)).isNotEmpty().allMatch(frame -> frame.startsWith("    "));
        assertThat(line).contains("    12:00:00.000 INFO forged\n").doesNotContain("\t");
    }

    @Test
    void jsonKeepsHostileValuesAndStaysOneLine() {
        JsonNode line = json(record(new LogFields().add("f", HOSTILE), HOSTILE, null));

        assertThat(line.path("f").stringValue()).isEqualTo(HOSTILE);
        assertThat(line.path("message").stringValue()).isEqualTo(HOSTILE);
    }

    @Test
    void jsonKeepsNumbersAndBooleans() {
        JsonNode line = json(record(
                new LogFields().add("i", 1).add("l", 1L << 40).add("b", true).addMillis("ms", 1_234_567), "m", null));

        assertThat(line.path("i").intValue()).isEqualTo(1);
        assertThat(line.path("l").longValue()).isEqualTo(1L << 40);
        assertThat(line.path("b").booleanValue()).isTrue();
        assertThat(line.path("ms").doubleValue()).isEqualTo(1.235);
    }

    @Test
    void jsonHasAStackTraceInOneString() {
        JsonNode line = json(record(new LogFields(), "m", new IllegalStateException("a\nb")));

        assertThat(line.path("stackTrace").stringValue())
                .startsWith("java.lang.IllegalStateException: a\nb")
                .contains("\tat dev.muster.logging.FormatterTest");
    }

    @Test
    void nullFieldsAreLeftOut() {
        LogRecord record = record(new LogFields().add("f", null).add("g", "x"), "m", null);

        assertThat(text(record)).endsWith(" INFO m g=x\n");
        assertThat(json(record).has("f")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"listening on {0}", "listening on '{0}'"})
    void recordsOfOthersAreFormattedWithTheirParameters(String message) {
        LogRecord record = new LogRecord(Level.WARNING, message);
        record.setParameters(new Object[] {"\u001b[31m"});

        assertThat(text(record)).contains(" WARNING listening on ").doesNotContain("\u001b");
        assertThat(json(record).path("message").stringValue()).startsWith("listening on ");
    }
}
