package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Work;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.WritableHeaders;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which Hosts are valid (RFC 9110 section 7.2). ConnectionTableTest has the answers to such requests. */
class HeadCheckTest {
    private static final int LONGEST = 16 << 10;
    private static final double AT_MOST = 3;

    private static HttpViolation check(String host) {
        return HeadCheck.check(WritableHeaders.create().set(HeaderValues.create(HeaderNames.HOST, host)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "example.org",
                "example.org.",
                "a_b~c",
                "!$&'()*+,;=",
                "127.0.0.1",
                "999.999.999.999",
                "example.org:80",
                "example.org:",
                "example.org:00080",
                "example.org:99999999999999999999",
                "%7e%7E",
                "[::]",
                "[::1]",
                "[::1]:80",
                "[::1]:",
                "[2001:db8:1:2:3:4:5:6]",
                "[::ffff:192.0.2.1]",
                "[v1.a:b]"
            })
    void aHostMayHaveAPort(String host) {
        assertThat(check(host)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "``| HOST_EMPTY",
                "`:`| HOST",
                "`:80`| HOST",
                "`a:b`| HOST",
                "`a:80:80`| HOST",
                "`a:+80`| HOST",
                "`a: 80`| HOST",
                "`a b`| HOST",
                "`a@b`| HOST",
                "`a/b`| HOST",
                "`a\"b`| HOST",
                "`a%`| HOST",
                "`a%7`| HOST",
                "`a%7:80`| HOST",
                "`a%zz`| HOST",
                "`\u00e4`| HOST",
                "`[`| HOST",
                "`[]`| HOST",
                "`[::1`| HOST",
                "`[::1]80`| HOST",
                "`[::1]a:80`| HOST",
                "`[::1]]`| HOST",
                "`[a]`| HOST",
                "`[1:2:3:4:5:6:7]`| HOST",
                "`[::1::]`| HOST",
                "`[::12345]`| HOST",
                "`[::256.0.0.1]`| HOST",
                "`[[::1]]`| HOST",
                "`[127.0.0.1]`| HOST",
                "`[::1%lo]`| HOST",
                "`[1:2:3:4:5:6:7:8:9]`| HOST",
                "`[::1%25eth0]`| HOST",
                "`::1`| HOST"
            })
    void anythingElseIsRefused(String host, HttpViolation why) {
        assertThat(check(host)).isEqualTo(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1", ".", "%41", "%4", "%", ":", "1:", "[", "]", "[::1]", "@", "a:"})
    void aHostOfTwiceTheLengthIsTwiceTheWork(String unit) {
        for (String begin : List.of("", "[", "a:", "a:1")) {
            for (String end : List.of("", "]", ":x")) {
                String half = begin + unit.repeat(LONGEST / 2 / unit.length()) + end;
                String whole = begin + unit.repeat(LONGEST / unit.length()) + end;

                assertThat(Work.ratio(() -> check(half), () -> check(whole), AT_MOST))
                        .as("%s, then many times %s, then %s", begin, unit, end)
                        .isLessThan(AT_MOST);
            }
        }
    }
}
