package dev.muster.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.AppConfig.DeadlineConfig;
import dev.muster.config.Handling;
import dev.muster.problem.RequestRejected;
import dev.muster.testing.Work;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.Http1HeadersParser;
import io.helidon.http.ServerRequestHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * A head of twice the length takes twice the work, with any headers, up to the longest head that is read. If the work
 * grew with the square of the length, it would take four times as much.
 */
class LinearWorkTest {
    private static final int LONGEST_HEAD = 16 << 10;
    private static final double AT_MOST = 3;

    private static final DeadlineConfig DEADLINES =
            new DeadlineConfig(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ZERO);
    private static final List<String> OFFERED = List.of("application/json", "application/x-ndjson");

    /** The headers that are parsed, each with a possible beginning of its value. */
    static final List<String> HEADERS = List.of(
            "Prefer: ",
            "Prefer: wait=",
            "Prefer: wait=\"",
            "Prefer: handling=",
            "x-envoy-expected-rq-timeout-ms: ",
            "x-envoy-expected-rq-timeout-ms: -",
            "Accept: ",
            "Accept: application/json;q=",
            "Accept: application/json;a=\"",
            "Content-Type: ",
            "Content-Type: application/json;",
            "X-Request-Id: ",
            "traceparent: ",
            "traceparent: 01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: ",
            "Expect: ",
            "Connection: ",
            "Transfer-Encoding: ",
            "Content-Length: ",
            "Authorization: ");

    private static final List<String> UNITS = List.of(
            "0",
            "1",
            "a",
            " ",
            ",",
            ";",
            "=",
            "\"",
            "\\",
            "/",
            "*",
            ".",
            "-",
            "a,",
            "a;",
            "a=b;",
            "\\\"",
            "\"\",",
            "*/*,",
            "a/b;q=1,",
            "wait=x,",
            ";;a=\"\",",
            "a=b,");

    private static final List<String> ENDS = List.of("", "x", "\"");

    private static byte[] head(int length, String header, String unit, String end) {
        int room = length - header.length() - end.length() - 4;
        String line = header + unit.repeat(room / unit.length()) + end;
        return (line + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Reads a head on this thread, as the service does before it serves the request. */
    private static void read(byte[] head) {
        Iterator<byte[]> once = List.of(head).iterator();
        DataReader reader = DataReader.create(() -> once.hasNext() ? once.next() : null);
        ServerRequestHeaders headers =
                ServerRequestHeaders.create(Http1HeadersParser.readHeaders(reader, 2 * LONGEST_HEAD, true));
        RequestTerms.of(RequestHead.of("GET", "/profiles/ada", headers), DEADLINES, Handling.STRICT);
        try {
            Accept.choose(headers, OFFERED);
        } catch (RequestRejected e) {
            // An error ends the reading too.
        }
    }

    @ParameterizedTest
    @FieldSource("HEADERS")
    void aHeadOfTwiceTheLengthIsTwiceTheWork(String header) {
        for (String unit : UNITS) {
            for (String end : ENDS) {
                byte[] half = head(LONGEST_HEAD / 2, header, unit, end);
                byte[] whole = head(LONGEST_HEAD, header, unit, end);

                assertThat(Work.ratio(() -> read(half), () -> read(whole), AT_MOST))
                        .as("%s times %s, then %s", header, unit, end)
                        .isLessThan(AT_MOST);
            }
        }
    }
}
