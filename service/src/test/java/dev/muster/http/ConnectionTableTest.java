package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.connection.HttpViolation;
import dev.muster.monitoring.AccessLog;
import dev.muster.testing.Answers;
import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the server does with given bytes, byte for byte (RFC 9112): its answers, the end of the connection, and the
 * calls to backends.
 */
class ConnectionTableTest {
    /** Stands for the row's own id in the bytes sent; a number of the same length replaces it. */
    private static final String MINE = "mine";
    /** The id of a request that must never be served. */
    private static final String SMUGGLED = "smuggled";

    private static final String HIDDEN =
            "GET /profiles/smuggled HTTP/1.1\r\nHost: test\r\n\r\nGET /pages/smuggled HTTP/1.1\r\nHost: test\r\n\r\n";
    private static final int TOO_LARGE = (1 << 20) + 1;

    /** Rows run at once: most of the time they wait for the server to close. */
    private static final int AT_ONCE = 24;

    private static final List<String> REASONS =
            Stream.of(HttpViolation.values()).map(HttpViolation::detail).toList();

    private static final Collection<String> PAGES = new ConcurrentLinkedQueue<>();
    private static final Map<String, CompletableFuture<Outcome>> OUTCOMES = new HashMap<>();

    private static FakeBackend backend;
    private static Service service;
    private static HttpListener listener;

    enum End {
        /** The server answers the next request on the connection. */
        OPEN,
        /** The server closes, and its last answer says so. */
        CLOSED,
        /** The server closes because the client has. */
        FINISHED,
        /** The server closes without an answer. */
        CLOSED_SILENTLY
    }

    /**
     * An expected answer.
     *
     * @param text the whole body; null if any will do
     * @param why the rule of HTTP that the request breaks; null if it breaks none
     */
    record Answer(String method, int status, boolean profile, String text, HttpViolation why) {
        private static final Answer PROFILE = new Answer("GET", 200, true, null, null);
        private static final Answer HEAD_PROFILE = new Answer("HEAD", 200, true, null, null);
        private static final Answer OK = new Answer("GET", 200, false, null, null);

        private static Answer echo(String text) {
            return new Answer("POST", 200, false, text, null);
        }

        private static Answer problem(int status) {
            return new Answer("GET", status, false, null, null);
        }

        private static Answer problemToHead(int status) {
            return new Answer("HEAD", status, false, null, null);
        }

        private static Answer refusal(HttpViolation why) {
            return new Answer("GET", why.status(), false, null, why);
        }
    }

    /**
     * One connection.
     *
     * @param echo whether it is to the listener that echoes instead of the service
     * @param fin whether the client closes its half after sending
     */
    record Row(String name, boolean echo, String sent, boolean fin, List<Answer> answers, End end) {
        private Row(String name, String sent, End end, Answer... answers) {
            this(name, sent.contains(" /echo") || sent.contains(" /pages/mine"), sent, false, List.of(answers), end);
        }

        private Row thenFin() {
            return new Row(name, echo, sent, true, answers, end);
        }

        private Row numbered(int number) {
            String own = sent.replace(MINE, "m%03d".formatted(number)).replace(SMUGGLED, "smug%04d".formatted(number));
            return new Row("%03d %s".formatted(number, name), echo, own, fin, answers, end);
        }

        private String number() {
            return name.substring(0, 3);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Row served(String name, String sent) {
        return new Row(name, sent, End.OPEN, Answer.PROFILE);
    }

    private static Row refused(int status, String name, String sent) {
        return new Row(name, sent, End.CLOSED, Answer.problem(status));
    }

    private static Row refused(HttpViolation why, String name, String sent) {
        return new Row(name, sent, End.CLOSED, Answer.refusal(why));
    }

    private static Row refusedHead(HttpViolation why, String name, String sent) {
        return refusedHead(why.status(), name, sent);
    }

    private static Row refusedHead(int status, String name, String sent) {
        return new Row(name, sent, End.CLOSED, Answer.problemToHead(status));
    }

    private static Row answered(int status, String name, String sent) {
        return new Row(name, sent, End.OPEN, Answer.problem(status));
    }

    /** A request line and headers. HTTP/1.1, Host and the empty line are added. */
    private static String head(String request, String... headers) {
        StringBuilder head = new StringBuilder(request + " HTTP/1.1\r\nHost: test\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    private static String get(String... headers) {
        return head("GET /profiles/mine", headers);
    }

    private static String post(String... headers) {
        return head("POST /echo", plus(headers, "Content-Type: application/json"));
    }

    private static String[] plus(String[] headers, String... more) {
        return Stream.concat(Stream.of(headers), Stream.of(more)).toArray(String[]::new);
    }

    private static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    private static Stream<Row> rows() {
        List<Row> rows = Stream.of(
                        smuggling(),
                        tooLarge(),
                        contentLengths(),
                        transferEncodings(),
                        chunks(),
                        hosts(),
                        headers(),
                        requestLines(),
                        targets(),
                        protocols(),
                        sizes(),
                        expectations(),
                        pipelines(),
                        ends())
                .flatMap(group -> group)
                .toList();
        return IntStream.range(0, rows.size()).mapToObj(i -> rows.get(i).numbered(i));
    }

    /** Hides another request in the body of each kind of request: it must never be served. */
    private static Stream<Row> smuggling() {
        return Stream.of(
                        hiding(Answer.PROFILE, "GET /profiles/mine"),
                        hiding(Answer.HEAD_PROFILE, "HEAD /profiles/mine"),
                        hiding(Answer.OK, "GET /openapi"),
                        hiding(Answer.OK, "GET /problems"),
                        hiding(Answer.problem(404), "GET /nowhere"),
                        hiding(Answer.problem(404), "POST /nowhere"),
                        hiding(Answer.problemToHead(404), "HEAD /nowhere"),
                        hiding(Answer.problem(405), "POST /profiles/mine"),
                        hiding(Answer.problem(501), "FOO /profiles/mine"),
                        hiding(Answer.problem(406), "GET /profiles/mine", "Accept: text/plain"),
                        hiding(Answer.problem(400), "GET /profiles/a;b"),
                        hiding(Answer.OK, "GET /pages/mine"),
                        hiding(Answer.problem(405), "POST /pages/mine"),
                        hiding(Answer.problem(415), "POST /echo", "Content-Type: text/plain"),
                        hiding(Answer.echo(HIDDEN), "POST /echo", "Content-Type: application/json"))
                .flatMap(rows -> rows);
    }

    private static Stream<Row> hiding(Answer answer, String request, String... headers) {
        String sized = "Content-Length: " + HIDDEN.length();
        String chunked = "Transfer-Encoding: chunked";
        String close = "Connection: close";
        String chunks = chunk(HIDDEN) + "0\r\n\r\n";
        String bySize = head(request, plus(headers, sized)) + HIDDEN;
        String bySizeAtLast = head(request, plus(headers, sized, close)) + HIDDEN;
        String behindClose = head(request, plus(headers, close)) + HIDDEN;
        String byChunks = head(request, plus(headers, chunked)) + chunks;
        String byChunksAtLast = head(request, plus(headers, chunked, close)) + chunks;
        String name = request + " " + String.join(" ", headers) + " hides a request ";
        return Stream.of(
                new Row(name + "by length", bySize, End.OPEN, answer),
                new Row(name + "by length, and closes", bySizeAtLast, End.CLOSED, answer),
                new Row(name + "behind close", behindClose, End.CLOSED, emptied(answer)),
                new Row(name + "in a chunk", byChunks, End.OPEN, answer),
                new Row(name + "in a chunk, and closes", byChunksAtLast, End.CLOSED, answer),
                new Row(name + "behind chunks, and closes", byChunksAtLast + HIDDEN, End.CLOSED, answer));
    }

    private static Answer emptied(Answer answer) {
        return answer.text == null ? answer : Answer.echo("");
    }

    private static Stream<Row> tooLarge() {
        String sized = "Content-Length: " + TOO_LARGE;
        String chunked = "Transfer-Encoding: chunked";
        String chunk = Integer.toHexString(TOO_LARGE) + "\r\n" + HIDDEN;
        return Stream.of(
                refused(413, "GET too large by length", get(sized) + HIDDEN),
                refused(413, "POST too large by length", head("POST /profiles/mine", sized) + HIDDEN),
                refused(413, "too large by length, nowhere", head("POST /nowhere", sized) + HIDDEN),
                refused(413, "too large by length to be read", post(sized) + HIDDEN),
                refused(413, "GET too large by chunks", get(chunked) + chunk),
                refused(405, "POST too large by chunks", head("POST /profiles/mine", chunked) + chunk),
                refused(404, "too large by chunks, nowhere", head("POST /nowhere", chunked) + chunk),
                refused(413, "too large by chunks to be read", post(chunked) + chunk),
                refused(413, "too large by the second chunk", post(chunked) + chunk("abc") + chunk),
                refusedHead(413, "HEAD too large by length", head("HEAD /profiles/mine", sized) + HIDDEN));
    }

    private static Stream<Row> contentLengths() {
        return Stream.of(
                sized("Content-Length: 3", "plain"),
                sized("Content-Length: 0003", "leading zeros"),
                sized("content-length:3", "lower case, no space"),
                sized("Content-Length: \t3 \t", "space around"),
                missized(
                        HttpViolation.LENGTH_AND_CODING,
                        "Content-Length: 3\r\nTransfer-Encoding: chunked",
                        "with chunks"),
                missized(
                        HttpViolation.LENGTH_AND_CODING,
                        "Transfer-Encoding: chunked\r\nContent-Length: 3",
                        "behind chunks"),
                missized(HttpViolation.LENGTH_REPEATED, "Content-Length: 3\r\nContent-Length: 3", "twice the same"),
                missized(HttpViolation.LENGTH_REPEATED, "Content-Length: 3\r\nContent-Length: 4", "two"),
                missized(HttpViolation.LENGTH_REPEATED, "Content-Length: 0\r\nContent-Length: 3", "two, none first"),
                missized(HttpViolation.LENGTH_REPEATED, "Content-Length: 3, 3", "list of the same"),
                missized(HttpViolation.LENGTH_REPEATED, "Content-Length: 3,4", "list"),
                missized(HttpViolation.LENGTH, "Content-Length: -3", "negative"),
                missized(HttpViolation.LENGTH, "Content-Length: -0", "negative zero"),
                missized(HttpViolation.LENGTH, "Content-Length: +3", "plus"),
                missized(HttpViolation.LENGTH, "Content-Length: 0x3", "hexadecimal"),
                missized(HttpViolation.LENGTH, "Content-Length: 3 3", "space within"),
                missized(HttpViolation.LENGTH, "Content-Length: 3.0", "fraction"),
                missized(HttpViolation.LENGTH, "Content-Length: 1e0", "exponent"),
                missized(HttpViolation.LENGTH, "Content-Length: \u00b3", "digit of another kind"),
                missized(HttpViolation.LENGTH, "Content-Length: 99999999999999999999", "overflow"),
                refused(413, "length: overflow of 32 bits", post("Content-Length: 4294967299") + "abc" + HIDDEN),
                missized(HttpViolation.LENGTH, "Content-Length:", "empty"),
                missized(HttpViolation.LENGTH, "Content-Length: three", "word"));
    }

    private static Row sized(String header, String name) {
        return new Row("length: " + name, post(header) + "abc", End.OPEN, Answer.echo("abc"));
    }

    private static Row missized(HttpViolation why, String header, String name) {
        return refused(why, "length: " + name, post(header) + "abc" + HIDDEN);
    }

    private static Stream<Row> transferEncodings() {
        return Stream.of(
                coded("Transfer-Encoding: chunked", "plain"),
                coded("Transfer-Encoding: Chunked", "another case"),
                coded("transfer-encoding:CHUNKED", "another case, no space"),
                coded("Transfer-Encoding: chunked \t", "space behind"),
                miscoded(HttpViolation.CODING_LAST, "Transfer-Encoding: gzip", "another"),
                miscoded(HttpViolation.CODING_UNKNOWN, "Transfer-Encoding: gzip, chunked", "another first"),
                miscoded(
                        HttpViolation.CODING_UNKNOWN,
                        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
                        "another first, two headers"),
                miscoded(HttpViolation.CODING_LAST, "Transfer-Encoding: chunked, gzip", "another last"),
                miscoded(HttpViolation.CODING_REPEATED, "Transfer-Encoding: chunked, chunked", "chunked twice"),
                miscoded(
                        HttpViolation.CODING_REPEATED,
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                        "two headers"),
                miscoded(
                        HttpViolation.CODING_LAST,
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                        "two headers, one chunked"),
                miscoded(HttpViolation.CODING_LAST, "Transfer-Encoding: identity", "identity"),
                miscoded(HttpViolation.HEADER_VALUE, "Transfer-Encoding: \u000bchunked", "control character"),
                miscoded(HttpViolation.HEADER_VALUE, "Transfer-Encoding: chunked\u000b", "control character behind"),
                miscoded(HttpViolation.HEADER_VALUE, "Transfer-Encoding: \u001fchunked", "another control character"),
                miscoded(HttpViolation.CODING_LAST, "Transfer-Encoding: \u00a0chunked", "no-break space"),
                miscoded(HttpViolation.CODING_LAST, "Transfer-Encoding: \"chunked\"", "quoted"),
                miscoded(HttpViolation.CODING_LAST, "Transfer-Encoding: chunked;q=1", "parameter"),
                miscoded(HttpViolation.CODING_LAST, "Transfer-Encoding: xchunked", "longer name"),
                miscoded(HttpViolation.CODING_EMPTY, "Transfer-Encoding:", "empty"),
                miscoded(HttpViolation.HEADER_SPACE, "Transfer-Encoding : chunked", "space before the colon"),
                miscoded(HttpViolation.HEADER_COLON, "Transfer-Encoding:\r\n chunked", "folded"));
    }

    private static Row coded(String header, String name) {
        String sent = post(header) + chunk("abc") + chunk("d".repeat(20)) + "0\r\n\r\n";
        return new Row("coding: " + name, sent, End.OPEN, Answer.echo("abc" + "d".repeat(20)));
    }

    private static Row miscoded(HttpViolation why, String header, String name) {
        return refused(why, "coding: " + name, post(header) + chunk("abc") + "0\r\n\r\n" + HIDDEN);
    }

    private static Stream<Row> chunks() {
        return Stream.of(
                chunked("003\r\nabc\r\n0\r\n\r\n", "leading zeros"),
                chunked("3\r\nabc\r\n000\r\n\r\n", "zeros at the end"),
                new Row("chunk: none", post("Transfer-Encoding: chunked") + "0\r\n\r\n", End.OPEN, Answer.echo("")),

                // No client needs either here, so the server rejects both (RFC 9112 section 7.1.1 allows a limit).
                mischunked(HttpViolation.CHUNK_EXTENSION, "3;a=b\r\nabc\r\n0\r\n\r\n", "extension"),
                mischunked(HttpViolation.CHUNK_EXTENSION, "3;a=\"b;c\"\r\nabc\r\n0\r\n\r\n", "quoted extension"),
                mischunked(HttpViolation.CHUNK_EXTENSION, "3\r\nabc\r\n0;a\r\n\r\n", "extension of the last"),
                mischunked(HttpViolation.CHUNK_TRAILER, "3\r\nabc\r\n0\r\nX-A: b\r\n\r\n", "trailer"),
                mischunked(HttpViolation.CHUNK_SIZE, "zz\r\nabc\r\n0\r\n\r\n", "no number"),
                mischunked(HttpViolation.CHUNK_SIZE, "\r\nabc\r\n0\r\n\r\n", "empty"),
                mischunked(HttpViolation.CHUNK_SIZE, "-3\r\nabc\r\n0\r\n\r\n", "negative"),
                mischunked(HttpViolation.CHUNK_SIZE, "+3\r\nabc\r\n0\r\n\r\n", "plus"),
                mischunked(HttpViolation.CHUNK_SIZE, "0x3\r\nabc\r\n0\r\n\r\n", "0x"),
                mischunked(HttpViolation.CHUNK_SIZE, " 3\r\nabc\r\n0\r\n\r\n", "space before"),
                mischunked(HttpViolation.CHUNK_SIZE, "3 \r\nabc\r\n0\r\n\r\n", "space behind"),
                mischunked(HttpViolation.CHUNK_SIZE, "\u00b3\r\nabc\r\n0\r\n\r\n", "digit of another kind"),
                mischunked(HttpViolation.CHUNK_SIZE, "100000003\r\nabc\r\n0\r\n\r\n", "overflow of 32 bits"),
                mischunked(HttpViolation.CHUNK_SIZE, "ffffffff\r\nabc\r\n0\r\n\r\n", "overflow of 31 bits"),
                refused(
                        413,
                        "chunk: largest size",
                        post("Transfer-Encoding: chunked") + "7fffffff\r\nabc\r\n0\r\n\r\n" + HIDDEN),
                mischunked(HttpViolation.CHUNK_SIZE, "10000000000000003\r\nabc\r\n0\r\n\r\n", "overflow of 64 bits"),
                mischunked(HttpViolation.CHUNK_SIZE_END, "3\nabc\r\n0\r\n\r\n", "LF alone"),
                mischunked(HttpViolation.CHUNK_SIZE_END, "3\rabc\r\n0\r\n\r\n", "CR alone"),
                mischunked(HttpViolation.CHUNK_DATA_END, "3\r\nabc0\r\n\r\n", "no end of line behind the data"),
                mischunked(HttpViolation.CHUNK_DATA_END, "3\r\nabcde0\r\n\r\n", "other bytes behind the data"),
                mischunked(HttpViolation.CHUNK_DATA_END, "3\r\nabc\n\n0\r\n\r\n", "LF twice behind the data"),
                mischunked(HttpViolation.CHUNK_DATA_END, "3\r\nabc\rX0\r\n\r\n", "CR alone behind the data"),
                mischunked(HttpViolation.CHUNK_TRAILER, "3\r\nabc\r\n0\r\n\rX", "CR alone at the end"),
                mischunked(HttpViolation.CHUNK_TRAILER, "3\r\nabc\r\n0\r\nX\n", "other bytes at the end"),
                mischunked(HttpViolation.CHUNK_SIZE, "3\r\nabc\r\n-0\r\n\r\n", "negative zero at the end"),
                mischunked(
                        HttpViolation.CHUNK_SIZE,
                        "0".repeat(2 << 20) + "3\r\nabc\r\n0\r\n\r\n",
                        "more zeros than the largest body"),
                refused(
                        HttpViolation.CHUNK_SIZE,
                        "chunk: unread by GET",
                        head("GET /profiles/mine", "Transfer-Encoding: chunked") + "zz\r\n" + HIDDEN),
                unread(405, "POST /profiles/mine", "zz\r\n"),
                unread(404, "POST /nowhere", "zz\r\n"),
                unread(415, "POST /echo", "zz\r\n"),
                unread(405, "POST /profiles/mine", "3\r\nabcde"),
                unread(404, "POST /nowhere", "3;a\r\nabc\r\n0\r\n\r\n"));
    }

    private static Row chunked(String body, String name) {
        String sent = post("Transfer-Encoding: chunked") + body;
        return new Row("chunk: " + name, sent, End.OPEN, Answer.echo("abc"));
    }

    private static Row mischunked(HttpViolation why, String body, String name) {
        return refused(why, "chunk: " + name, post("Transfer-Encoding: chunked") + body + HIDDEN);
    }

    /** The chunks break the rules, but the body is discarded: the answer is the same as without a body. */
    private static Row unread(int status, String request, String body) {
        String sent = head(request, "Transfer-Encoding: chunked") + body + HIDDEN;
        return refused(status, "chunk: unread by " + request + " " + body.strip(), sent);
    }

    private static Stream<Row> hosts() {
        return Stream.of(
                hosted("Host: test:80\r\n", "port"),
                hosted("hOST:test\r\n", "another case, no space"),
                hosted("Host: 127.0.0.1:8080\r\n", "IPv4"),
                hosted("Host: [::1]:8080\r\n", "IPv6"),
                hosted("Host: test:65536\r\n", "port beyond the last"),
                hosted("Host: test:\r\n", "empty port"),
                hosted("Host: [::1]:\r\n", "IPv6, empty port"),
                hosted("Host: te%73t\r\n", "percent-encoding"),
                mishosted(HttpViolation.HOST_MISSING, "", "missing"),
                mishosted(HttpViolation.HOST_REPEATED, "Host: test\r\nHost: test\r\n", "twice"),
                mishosted(HttpViolation.HOST_REPEATED, "Host: test\r\nHost: other\r\n", "two"),
                mishosted(HttpViolation.HOST_EMPTY, "Host:\r\n", "empty"),
                mishosted(HttpViolation.HOST, "Host: test:port\r\n", "port that is no number"),
                mishosted(HttpViolation.HOST, "Host: test:-1\r\n", "negative port"),
                mishosted(HttpViolation.HOST, "Host: test:+80\r\n", "port with a plus"),
                mishosted(HttpViolation.HOST, "Host: te st\r\n", "space"),
                mishosted(HttpViolation.HOST, "Host: test, other\r\n", "list"),
                mishosted(HttpViolation.HOST, "Host: me@test\r\n", "user"),
                mishosted(HttpViolation.HOST, "Host: test/path\r\n", "path"),
                mishosted(HttpViolation.HOST, "Host: [::1\r\n", "open bracket"),
                mishosted(HttpViolation.HOST, "Host: [::1]80\r\n", "no colon behind a bracket"),
                mishosted(HttpViolation.HOST, "Host: [::1]x:80\r\n", "letter behind a bracket"),
                mishosted(HttpViolation.HOST, "Host: [" + "1:".repeat(5000) + "]\r\n", "bracket with too many groups"),
                mishosted(HttpViolation.HOST, "Host: te%7\r\n", "cut percent-encoding"),
                mishosted(HttpViolation.HOST, "Host: te%zzt\r\n", "bad percent-encoding"),
                mishosted(HttpViolation.HOST, "Host: :80\r\n", "port alone"),
                mishosted(HttpViolation.HOST, "Host: test:80:80\r\n", "two ports"),
                mishosted(HttpViolation.HOST, "Host: t\u00e9st\r\n", "non-ASCII"));
    }

    private static Row hosted(String lines, String name) {
        return served("host: " + name, "GET /profiles/mine HTTP/1.1\r\n" + lines + "\r\n");
    }

    private static Row mishosted(HttpViolation why, String lines, String name) {
        return refused(why, "host: " + name, "GET /profiles/mine HTTP/1.1\r\n" + lines + "\r\n");
    }

    private static Stream<Row> headers() {
        return Stream.of(
                served("header: empty value", get("X-A:")),
                served("header: tab in a value", get("X-A: b\tc")),
                served("header: non-ASCII in a value", get("X-A: caf\u00e9")),
                served("header: a content coding, and no body", get("Content-Encoding: gzip")),
                refused(
                        HttpViolation.CONTENT_CODING,
                        "header: a content coding",
                        post("Content-Encoding: gzip", "Content-Length: 3") + "abc"),
                new Row(
                        "header: a content coding that is none",
                        post("Content-Encoding: identity", "Content-Length: 3") + "abc",
                        End.OPEN,
                        Answer.echo("abc")),
                served("header: every character of a name", get("!#$%&'*+-.^_`|~0aZ: b")),
                misheaded(HttpViolation.HEADER_SPACE, "X-A : b", "space before the colon"),
                misheaded(HttpViolation.HEADER_SPACE, "X-A\t: b", "tab before the colon"),
                misheaded(HttpViolation.HEADER_NAME, "X A: b", "space in a name"),
                misheaded(HttpViolation.HEADER_NAME, "X(A): b", "delimiters in a name"),
                misheaded(HttpViolation.HEADER_NAME, "X-\u00e9: b", "non-ASCII in a name"),
                misheaded(HttpViolation.HEADER_NAME, "X-\u0000: b", "NUL in a name"),
                misheaded(HttpViolation.HEADER_WITHOUT_NAME, ": b", "no name"),
                misheaded(HttpViolation.HEADER_COLON, "X-A", "no colon"),
                misheaded(HttpViolation.HEADER_COLON, "X-A: b\r\n c", "folded"),
                misheaded(HttpViolation.HEADER_FOLDED, "X-A: b\r\n\tc: d", "folded, with a colon"),
                misheaded(HttpViolation.HEADER_FOLDED, " X-A: b", "space before the name"),
                misheaded(HttpViolation.HEADER_LINE_END, "X-A: b\rc", "CR alone in a value"),
                misheaded(HttpViolation.HEADER_VALUE, "X-A: b\nX-B: c", "LF alone"),
                misheaded(HttpViolation.HEADER_VALUE, "X-A: b\u0000c", "NUL in a value"),
                misheaded(HttpViolation.HEADER_VALUE, "X-A: b\u0001c", "control character in a value"),
                refused(
                        HttpViolation.HEADER_FOLDED,
                        "header: the first line folded",
                        "GET /profiles/mine HTTP/1.1\r\n Host: test\r\nHost: test\r\n\r\n"),
                refused(HttpViolation.REQUEST_LINE_END, "header: LF alone everywhere", get().replace("\r", "")),
                refused(
                        HttpViolation.HEADER_LINE_END,
                        "header: LF alone at the end",
                        get().replace("\r\n\r\n", "\r\n\n")),
                refused(
                        HttpViolation.HEADER_LINE_END,
                        "header: CR alone at the end",
                        get().replace("\r\n\r\n", "\r\n\rX")),
                refusedHead(
                        HttpViolation.HOST_MISSING,
                        "header: HEAD without Host",
                        "HEAD /profiles/mine HTTP/1.1\r\n\r\n"),
                refusedHead(
                        HttpViolation.HEADER_SPACE,
                        "header: HEAD with a bad one",
                        head("HEAD /profiles/mine", "X-A : b")));
    }

    private static Row misheaded(HttpViolation why, String line, String name) {
        return refused(why, "header: " + name, get(line) + HIDDEN);
    }

    private static Stream<Row> requestLines() {
        String rest = " /profiles/mine HTTP/1.1\r\nHost: test\r\n\r\n";
        return Stream.of(
                refused(HttpViolation.METHOD_CASE, "method: lower case", "get" + rest),
                refused(HttpViolation.METHOD_CASE, "method: mixed case", "HEaD" + rest),
                new Row(
                        "method: lower case behind another request",
                        get() + "get" + rest,
                        End.CLOSED,
                        Answer.PROFILE,
                        Answer.refusal(HttpViolation.METHOD_CASE)),
                answered(501, "method: unknown", "FOO" + rest),
                answered(501, "method: every character of a token", "!#$%&'*+-.^_`|~0aZ" + rest),
                refused(HttpViolation.METHOD, "method: delimiters", "G(E)T" + rest),
                refused(HttpViolation.METHOD, "method: quote", "\"GET\"" + rest),
                refused(HttpViolation.METHOD, "method: control character", "G\u0001T" + rest),
                refused(HttpViolation.METHOD, "method: non-ASCII", "G\u00c9T" + rest),
                refused(HttpViolation.METHOD, "method: NUL", "GET\u0000" + rest),
                refused(HttpViolation.REQUEST_LINE, "method: missing", rest),
                refused(HttpViolation.REQUEST_LINE, "line: spaces first", "  GET" + rest),
                refused(HttpViolation.REQUEST_LINE, "line: two spaces behind the method", "GET " + rest),
                refused(
                        HttpViolation.METHOD,
                        "line: tab behind the method",
                        "GET\t/profiles/mine HTTP/1.1\r\nHost: test\r\n\r\n"),
                refused(HttpViolation.VERSION, "line: two spaces before the version", get().replace(" HTTP", "  HTTP")),
                refused(HttpViolation.VERSION, "line: space behind the version", get().replace("1.1\r", "1.1 \r")),
                refused(HttpViolation.VERSION, "line: LF alone", get().replaceFirst("\r\n", "\n")),
                refused(HttpViolation.REQUEST_LINE_END, "line: CR alone", get().replaceFirst("\r\n", "\r")),
                refused(HttpViolation.REQUEST_LINE, "line: nonsense", "nonsense\r\n\r\n"),
                // A server should skip an empty line here, but need not (RFC 9112 section 2.2).
                refused(HttpViolation.EMPTY_LINE, "line: empty one first", "\r\n" + get()),
                new Row(
                        "line: empty one between two requests",
                        get() + "\r\n" + get(),
                        End.CLOSED,
                        Answer.PROFILE,
                        Answer.refusal(HttpViolation.REQUEST_LINE)));
    }

    private static Stream<Row> targets() {
        return Stream.of(
                served("target: query", head("GET /profiles/mine?a=b")),
                served("target: empty query", head("GET /profiles/mine?")),
                served("target: absolute form", head("GET http://other/profiles/mine")),
                served("target: absolute form, https, port", head("GET HTTPS://other:80/profiles/mine")),
                answered(404, "target: absolute form, no path", head("GET http://other")),
                answered(404, "target: absolute form, path of another", head("GET http://other/profiles/mine/x")),
                answered(404, "target: asterisk", head("GET *")),
                answered(404, "target: asterisk for OPTIONS", head("OPTIONS *")),
                answered(404, "target: authority", head("GET test:80")),
                refused(
                        HttpViolation.TARGET_WITHOUT_PATH,
                        "target: URI without a path",
                        head("GET http:://test/profiles/mine")),
                answered(404, "target: authority for CONNECT", head("CONNECT test:80")),
                refused(HttpViolation.TARGET_FRAGMENT, "target: fragment", head("GET /profiles/mine#fragment")),
                answered(404, "target: no slash", head("GET profiles/mine")),
                refused(HttpViolation.REQUEST_LINE, "target: missing", head("GET ")),
                refused(HttpViolation.VERSION, "target: space", head("GET /profiles/mi ne")),
                refused(HttpViolation.TARGET, "target: control character", head("GET /profiles/mi\u0001ne")),
                refused(HttpViolation.TARGET, "target: NUL", head("GET /profiles/mi\u0000ne")),
                answered(400, "target: non-ASCII", head("GET /profiles/\u00e9")),
                refused(HttpViolation.TARGET, "target: bad percent-encoding", head("GET /profiles/%zz")),
                refused(HttpViolation.TARGET, "target: cut percent-encoding", head("GET /profiles/%4")),
                refused(HttpViolation.TARGET, "target: bad character in a query", head("GET /profiles/mine?a=<b>")),
                answered(400, "target: encoded NUL", head("GET /profiles/%00")),
                answered(400, "target: two slashes", head("GET //profiles/mine")),
                answered(400, "target: two slashes within", head("GET /profiles//mine")),
                answered(404, "target: slash at the end", head("GET /profiles/mine/")),
                answered(404, "target: dots", head("GET /profiles/x/../y/mine")),
                answered(404, "target: encoded dots", head("GET /profiles/x/%2e%2e/y/mine")),
                answered(404, "target: dots above the root", head("GET /../../etc/passwd")),
                answered(404, "target: encoded dots above the root", head("GET /%2e%2e/%2e%2e/etc/passwd")),
                answered(404, "target: encoded slash", head("GET /profiles/x%2fmine")));
    }

    private static Stream<Row> protocols() {
        String hello = "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003" + "\u0099".repeat(200);
        return Stream.of(
                refused(505, "version: HTTP/1.0", get().replace("1.1", "1.0")),
                refusedHead(
                        505,
                        "version: HTTP/1.0 and HEAD",
                        head("HEAD /profiles/mine").replace("1.1", "1.0")),
                refused(
                        505,
                        "version: HTTP/1.0, kept",
                        get("Connection: keep-alive").replace("1.1", "1.0")),
                refused(505, "version: HTTP/1.0 without Host", "GET /profiles/mine HTTP/1.0\r\n\r\n"),
                refused(HttpViolation.REQUEST_LINE, "version: HTTP/0.9", "GET /\r\n"),
                refused(505, "version: HTTP/1.2", get().replace("1.1", "1.2")),
                refused(505, "version: HTTP/2.0", get().replace("1.1", "2.0")),
                refused(505, "version: HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                refused(505, "version: HTTP/2", get().replace("1.1", "2")),
                refused(HttpViolation.VERSION, "version: HTTP/01.1", get().replace("1.1", "01.1")),
                refused(HttpViolation.VERSION, "version: lower case", get().replace("HTTP", "http")),
                refused(HttpViolation.REQUEST_LINE, "version: none", "GET /profiles/mine \r\nHost: test\r\n\r\n"),
                refused(HttpViolation.VERSION, "version: of another protocol", get().replace("HTTP/1.1", "ICAP/1.0")),
                refused(HttpViolation.NOT_HTTP, "protocol: TLS", hello),
                refused(HttpViolation.REQUEST_LINE, "protocol: SSH", "SSH-2.0-OpenSSH_9.6\r\n"),
                served(
                        "upgrade: h2c",
                        get(
                                "Connection: Upgrade, HTTP2-Settings",
                                "Upgrade: h2c",
                                "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")),
                served(
                        "upgrade: websocket",
                        get(
                                "Connection: Upgrade",
                                "Upgrade: websocket",
                                "Sec-WebSocket-Version: 13",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")),
                served("upgrade: with a body", get("Connection: Upgrade", "Upgrade: h2c", "Content-Length: 3") + "abc"),
                served("connection: an option that is unknown", get("Connection: x-mine")),
                new Row("connection: close", get("Connection: close"), End.CLOSED, Answer.PROFILE),
                new Row("connection: close in a list", get("Connection: a, CLOSE"), End.CLOSED, Answer.PROFILE),
                new Row(
                        "connection: close in the second header",
                        get("Connection: keep-alive", "Connection: close"),
                        End.CLOSED,
                        Answer.PROFILE));
    }

    private static Stream<Row> sizes() {
        String line = "X-Filler: " + "f".repeat(1000);
        return Stream.of(
                served("size: many headers just below the limit", get(lines(line, 15))),
                served("size: one header just below the limit", get("X-Filler: " + "f".repeat(15_000))),
                served("size: request line just below the limit", head("GET /profiles/mine?" + "q".repeat(4000))),
                refused(431, "size: many headers", get(lines(line, 40))),
                served("size: as many header lines as may be", get(lines("A:", 99))),
                refused(HttpViolation.HEADER_LINES, "size: one header line more", get(lines("A:", 100))),
                new Row(
                        "size: many header lines behind another request",
                        get() + get(lines("A:", 1000)),
                        End.CLOSED,
                        Answer.PROFILE,
                        Answer.refusal(HttpViolation.HEADER_LINES)),
                refused(431, "size: one header", get("X-Filler: " + "f".repeat(40 << 10))),
                refused(431, "size: one name", get("X" + "f".repeat(40 << 10) + ": a")),
                refused(
                        431,
                        "size: headers without an end",
                        get(lines(line, 200)).stripTrailing()),
                refused(414, "size: request line", head("GET /profiles/mine?" + "q".repeat(5000))),
                refused(414, "size: request line beyond all limits", head("GET /profiles/" + "q".repeat(100_000))),
                refused(414, "size: method", "G".repeat(5000) + " / HTTP/1.1\r\nHost: test\r\n\r\n"),
                refused(414, "size: no end of line", "G".repeat(20_000)),
                refusedHead(
                        431, "size: HEAD with one header", head("HEAD /profiles/mine", "A: " + "f".repeat(40 << 10))),
                // The server cannot know that it is HEAD. The connection closes after the body.
                refused(414, "size: HEAD with a request line", head("HEAD /" + "q".repeat(5000))),
                new Row(
                        "size: many headers of a second request",
                        get() + get(lines(line, 40)),
                        End.CLOSED,
                        Answer.PROFILE,
                        Answer.problem(431)));
    }

    private static String[] lines(String line, int count) {
        return Stream.generate(() -> line).limit(count).toArray(String[]::new);
    }

    /** The body is never sent: the answer must not wait for it. */
    private static Stream<Row> expectations() {
        String expect = "Expect: 100-continue";
        String length = "Content-Length: 3";
        String hidden = "Content-Length: " + HIDDEN.length();
        String text = "Content-Type: text/plain";
        return Stream.of(
                refused(405, "expect: 405", head("POST /profiles/mine", expect, length)),
                refused(
                        405,
                        "expect: 405 to chunks",
                        head("POST /profiles/mine", expect, "Transfer-Encoding: chunked")),
                refused(404, "expect: 404", head("POST /nowhere", expect, length)),
                refused(415, "expect: 415", head("POST /echo", expect, length, text)),
                refused(413, "expect: 413", post(expect, "Content-Length: " + TOO_LARGE)),
                refused(405, "expect: 405 and a body", head("POST /profiles/mine", expect, hidden) + HIDDEN),
                new Row(
                        "expect: a body that is sent and not needed",
                        get(expect, hidden) + HIDDEN,
                        End.CLOSED,
                        Answer.PROFILE),
                refused(HttpViolation.LENGTH, "expect: 400", post(expect, "Content-Length: three")),
                new Row("expect: a body that is not needed", get(expect, length), End.CLOSED, Answer.PROFILE),
                served("expect: no body", get(expect)),
                served("expect: an empty body", get(expect, "Content-Length: 0")),
                served("expect: something else", get("Expect: something-else")),
                new Row(
                        "expect: something else, with a body",
                        post("Expect: something-else", length) + "abc",
                        End.OPEN,
                        Answer.echo("abc")));
    }

    private static Stream<Row> pipelines() {
        String notFound = head("GET /nowhere");
        return Stream.of(
                new Row(
                        "pipeline: GET, HEAD, 404 and GET",
                        get() + head("HEAD /profiles/mine") + notFound + get(),
                        End.OPEN,
                        Answer.PROFILE,
                        Answer.HEAD_PROFILE,
                        Answer.problem(404),
                        Answer.PROFILE),
                new Row(
                        "pipeline: more than the largest head",
                        head("GET /pages/mine").repeat(1000),
                        End.OPEN,
                        Collections.nCopies(1000, Answer.OK).toArray(Answer[]::new)),
                new Row(
                        "pipeline: HEAD of a 404 and GET",
                        head("HEAD /nowhere") + get(),
                        End.OPEN,
                        Answer.problemToHead(404),
                        Answer.PROFILE),
                new Row("pipeline: behind close", get("Connection: close") + HIDDEN, End.CLOSED, Answer.PROFILE),
                new Row(
                        "pipeline: behind a refusal",
                        get() + "nonsense\r\n\r\n" + HIDDEN,
                        End.CLOSED,
                        Answer.PROFILE,
                        Answer.refusal(HttpViolation.REQUEST_LINE)),
                new Row(
                        "pipeline: behind a body",
                        post("Content-Length: 3") + "abc" + post("Content-Length: 2") + "de",
                        End.OPEN,
                        Answer.echo("abc"),
                        Answer.echo("de")));
    }

    /** The client closes its half after sending. */
    private static Stream<Row> ends() {
        String sized = "Content-Length: 5";
        String chunked = "Transfer-Encoding: chunked";
        return Stream.of(
                        new Row("end: behind a request", get(), End.FINISHED, Answer.PROFILE),
                        new Row(
                                "end: behind two requests",
                                get() + get(),
                                End.FINISHED,
                                Answer.PROFILE,
                                Answer.PROFILE),
                        new Row(
                                "end: behind a body",
                                post("Content-Length: 3") + "abc",
                                End.FINISHED,
                                Answer.echo("abc")),
                        new Row("end: behind close", get("Connection: close"), End.CLOSED, Answer.PROFILE),
                        new Row(
                                "end: behind a refusal",
                                "nonsense\r\n\r\n",
                                End.CLOSED,
                                Answer.refusal(HttpViolation.REQUEST_LINE)),
                        new Row("end: at once", "", End.CLOSED_SILENTLY),
                        new Row("end: in the method", "GE", End.CLOSED_SILENTLY),
                        new Row("end: in the request line", "GET /profiles/mine HTT", End.CLOSED_SILENTLY),
                        new Row("end: behind the request line", "GET /profiles/mine HTTP/1.1\r\n", End.CLOSED_SILENTLY),
                        new Row("end: in a header", "GET /profiles/mine HTTP/1.1\r\nHost: te", End.CLOSED_SILENTLY),
                        new Row("end: in a header's name", "GET /profiles/mine HTTP/1.1\r\nHo", End.CLOSED_SILENTLY),
                        new Row("end: behind a CR", "GET /profiles/mine HTTP/1.1\r\nHost: test\r", End.CLOSED_SILENTLY),
                        new Row(
                                "end: behind a header",
                                "GET /profiles/mine HTTP/1.1\r\nHost: test\r\n",
                                End.CLOSED_SILENTLY),
                        new Row("end: before a body", get(sized), End.CLOSED_SILENTLY),
                        new Row("end: in a body", get(sized) + "abc", End.CLOSED_SILENTLY),
                        new Row("end: in a body that is read", post(sized) + "abc", End.CLOSED_SILENTLY),
                        new Row("end: in a chunk's size", post(chunked) + "3", End.CLOSED_SILENTLY),
                        new Row("end: in a chunk", post(chunked) + "3\r\na", End.CLOSED_SILENTLY),
                        new Row("end: behind a chunk", post(chunked) + chunk("abc"), End.CLOSED_SILENTLY),
                        new Row("end: in the last chunk", post(chunked) + chunk("abc") + "0\r\n", End.CLOSED_SILENTLY),
                        new Row("end: in chunks that are not read", get(chunked) + "3\r\na", End.CLOSED_SILENTLY))
                .map(Row::thenFin);
    }

    /** The result of a row. */
    private record Outcome(List<RawConnection.Response> answers, RawConnection.Response next, Throwable failure) {}

    @BeforeAll
    static void start() throws IOException {
        backend = FakeBackend.start(FakeBackend.Call::answerWell);
        // On a slow machine the request of a client with a closed half would be cancelled.
        service = Service.start(backend.baseUri(), Map.of("connection.client-gone-after", "PT1M"));
        Endpoint echo = Endpoint.post(
                "/echo",
                "application/json",
                List.of("application/json"),
                List.of(),
                (request, response, _) -> ResponseWriter.send(
                        request, response, 200, HeaderValues.CONTENT_TYPE_JSON, Listening.readBody(request)));
        Endpoint page = Endpoint.get("/pages/{id}", List.of("application/json"), List.of(), (request, response, _) -> {
            PAGES.add(request.path().pathParameters().get("id"));
            ResponseWriter.send(request, response, 200, HeaderValues.CONTENT_TYPE_JSON, new byte[] {'1'});
        });
        listener = Listening.start(List.of(echo, page), new AccessLog(Level.INFO));
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            rows().forEach(row -> OUTCOMES.put(row.name, CompletableFuture.supplyAsync(() -> outcome(row), threads)));
        }
    }

    @AfterAll
    static void stop() {
        listener.close();
        service.close();
        backend.close();
    }

    private static RawConnection connect(boolean echo) {
        return new RawConnection(echo ? listener.port() : service.port());
    }

    private static Outcome outcome(Row row) {
        List<RawConnection.Response> answers = new ArrayList<>();
        try (RawConnection connection = connect(row.echo)) {
            send(connection, row);
            while (answers.size() < row.answers.size() && connection.hasMore()) {
                Answer expected = row.answers.get(answers.size());
                answers.add(connection.read(expected.method));
                if (answers.getLast().status() != expected.status) {
                    return new Outcome(answers, null, null);
                }
            }
            if (row.end == End.OPEN && answers.size() == row.answers.size()) {
                connection.send("GET", row.echo ? "/pages/ada" : "/profiles/ada");
                return new Outcome(answers, connection.hasMore() ? connection.read("GET") : null, null);
            }
            while (connection.hasMore()) {
                answers.add(connection.read("GET"));
            }
            return new Outcome(answers, null, null);
        } catch (AssertionError | RuntimeException e) {
            return new Outcome(answers, null, e);
        }
    }

    private static void send(RawConnection connection, Row row) {
        try {
            connection.sendRaw(row.sent);
            if (row.fin) {
                connection.halfClose();
            }
        } catch (UncheckedIOException e) {
            // The server closed while this side was still sending. The answers are there all the same.
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aConnectionGoesByTheTable(Row row) {
        Outcome outcome = Await.result(OUTCOMES.get(row.name));

        assertThat(outcome.answers)
                .as(row.name)
                .extracting(RawConnection.Response::status)
                .isEqualTo(row.answers.stream().map(Answer::status).toList());
        for (int i = 0; i < row.answers.size(); i++) {
            assertAnswer(outcome.answers.get(i), row.answers.get(i));
        }
        assertEnd(outcome, row);
        assertCalls(row);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 3", "Transfer-Encoding: chunked"})
    void aBodyThatIsReadIsAskedForBeforeItIsSent(String framing) {
        try (RawConnection connection = connect(true)) {
            connection.sendRaw(post("Expect: 100-continue", framing));
            assertThat(connection.read("HEAD").status()).isEqualTo(100);

            connection.sendRaw(framing.endsWith("3") ? "abc" : chunk("abc") + "0\r\n\r\n");
            RawConnection.Response answer = connection.read("POST");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("abc");
        }
    }

    @Test
    void aHundredRequestsInOneWriteAreAnsweredInOrder() {
        List<String> ids = IntStream.range(0, 100).mapToObj(i -> "p" + i).toList();
        try (RawConnection connection = connect(false)) {
            connection.sendRaw(
                    ids.stream().map(id -> head("GET /profiles/" + id)).collect(Collectors.joining()));

            for (String id : ids) {
                Answers.assertProfile(connection.read("GET"), id);
            }
        }
    }

    /** The first answer proves that the part sent with its request has arrived. Only then is the rest sent. */
    @Test
    void aSecondRequestMayBeSplitAnywhere() {
        String second = post("Transfer-Encoding: chunked") + chunk("abc") + "0\r\n\r\n";
        for (int split = 0; split <= second.length(); split++) {
            try (RawConnection connection = connect(true)) {
                connection.sendRaw(head("GET /pages/first") + second.substring(0, split));
                assertThat(connection.read("GET").status()).isEqualTo(200);

                connection.sendRaw(second.substring(split));
                assertThat(connection.read("POST").body())
                        .as("split at " + split)
                        .isEqualTo("abc");
            }
        }
    }

    private static void assertAnswer(RawConnection.Response answer, Answer expected) {
        assertThat(answer.header("Content-Length")).isNotNull();
        if (expected.status >= 400) {
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            // After HEAD the length is that of GET (RFC 9110 section 8.6). The exception: Helidon rejects the request
            // before the route, and closes.
            if (!expected.method.equals("HEAD") || answer.header("Connection") == null) {
                assertThat(answer.header("Content-Length")).isNotEqualTo("0");
            }
        }
        if (expected.status >= 400 && !expected.method.equals("HEAD")) {
            assertThat(answer.json().path("status").asInt()).isEqualTo(expected.status);
            assertReason(answer, expected);
        }
        if (expected.text != null) {
            assertThat(answer.body().replaceAll("smug\\d{4}", SMUGGLED)).isEqualTo(expected.text);
        }
    }

    /** The reason is the row's, in our own words, whether Helidon's parser or the guard found the fault. */
    private static void assertReason(RawConnection.Response answer, Answer expected) {
        String detail = answer.json().path("detail").stringValue();
        if (expected.why != null) {
            assertThat(detail).isEqualTo(expected.why.detail());
        } else {
            assertThat(REASONS).doesNotContain(detail);
        }
    }

    private static void assertEnd(Outcome outcome, Row row) {
        List<String> announced = outcome.answers.stream()
                .map(answer -> String.valueOf(answer.header("Connection")))
                .toList();
        if (row.end == End.CLOSED) {
            assertThat(announced).last().isEqualTo("close");
        } else {
            assertThat(announced).doesNotContain("close");
        }
        assertThat(outcome.failure).isNull();
        if (row.end != End.OPEN) {
            return;
        }
        assertThat(outcome.next).as("an answer to the next request").isNotNull();
        if (row.echo) {
            assertThat(outcome.next.status()).isEqualTo(200);
        } else {
            Answers.assertProfile(outcome.next, "ada");
        }
    }

    private static void assertCalls(Row row) {
        List<String> called = backend.calls().stream().map(FakeBackend.Call::id).toList();
        long profiles = row.answers.stream().filter(Answer::profile).count();
        assertThat(called)
                .filteredOn(("m" + row.number())::equals)
                .hasSize((int) profiles * BackendNames.CALLS_OF_A_REQUEST);
        assertThat(called).doesNotContain("smug0" + row.number());
        assertThat(PAGES).doesNotContain("smug0" + row.number());
    }
}
