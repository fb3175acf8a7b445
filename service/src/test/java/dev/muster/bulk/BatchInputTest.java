package dev.muster.bulk;

import static dev.muster.testing.Answers.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Batches;
import dev.muster.testing.Batches.Answer;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests for a batch are valid, and how the others are rejected, without a call to a backend. */
class BatchInputTest {
    private static final String SHAPE = "The body must be an object with one member, \"ids\", which is a list of ids.";
    private static final String RULE = "1 to 64 characters out of A-Z, a-z, 0-9, \"_\" and \"-\".";
    private static final String ADA = Batches.body("ada");

    private final ScriptedBackend backend = new ScriptedBackend();
    private final Service service = Service.start(backend.baseUri(), Map.of("bulk.max-ids", "5"));
    private RawConnection client;

    @BeforeEach
    void connect() {
        client = new RawConnection(service.port());
    }

    @AfterEach
    void stop() {
        client.close();
        service.close();
        backend.close();
    }

    private Response ask(String request) {
        client.sendRaw(request);
        return client.read("POST");
    }

    private Response post(String body, String... headers) {
        return ask(Batches.request(body, headers));
    }

    /** The request was rejected before any call to a backend. */
    private void assertRefused(Response response, int status, String type, String detail) {
        assertProblem(response, status, type);
        assertThat(response.json().path("detail").stringValue()).isEqualTo(detail);
        assertThat(response.json().path("instance").stringValue()).isEqualTo(Batches.PATH);
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.header("Vary")).isEqualTo("Prefer, Accept");
        assertThat(backend.calls().calls()).isEmpty();
    }

    private void assertNoIndex(Response response) {
        assertThat(response.json().has("index")).isFalse();
        assertThat(response.json().has("id")).isFalse();
    }

    /** The connection can serve another request. */
    private void assertUsable() {
        assertServed(post(ADA));
    }

    private static void assertServed(Response response) {
        assertThat(Answer.of(List.of("ada"), response).tally()).containsExactly(1, 0, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[\"ada\"]",
                "\"ada\"",
                "null",
                "7",
                "{}",
                "{\"id\":\"ada\"}",
                "{\"IDS\":[\"ada\"]}",
                "{\"ids\":\"ada\"}",
                "{\"ids\":null}",
                "{\"ids\":{\"0\":\"ada\"}}",
                "{\"ids\":[\"ada\"],\"more\":1}",
                "{\"more\":1,\"ids\":[\"ada\"]}",
                "{\"ids\":[\"ada\"]} {}",
                ""
            })
    void anotherShapeIsABadBatch(String body) {
        Response response = post(body);

        assertRefused(response, 400, "bad-batch", SHAPE);
        assertNoIndex(response);
        assertUsable();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ids=ada",
                "{\"ids\":[\"ada\"]",
                "{\"ids\":[\"ada\"",
                "{\"ids\":[\"ada\",]}",
                "{\"ids\":[\"ada]}",
                "{'ids':['ada']}",
                "{\"ids\":[\"ada\"]}}",
                "{\"ids\":[\"a\u0000\"]}",
                "{\"ids\":[\"\u00e4\"]}"
            })
    void whatIsNoJsonIsABadBatch(String body) {
        Response response = post(body);

        assertThat(response.json().path("detail").stringValue())
                .matches("The body is not JSON in UTF-8: line 1, column [0-9]+\\.");
        assertRefused(response, 400, "bad-batch", response.json().path("detail").stringValue());
        assertNoIndex(response);
        assertUsable();
    }

    @Test
    void aListThatIsThereTwiceIsABadBatch() {
        Response response = post("{\"ids\":[\"ada\"],\"ids\":[\"grace\"]}");

        assertRefused(response, 400, "bad-batch", "\"ids\" occurs more than once.");
        assertNoIndex(response);
        assertUsable();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json;",
                "application/json; ",
                "application/json;;",
                "application/json; ;charset=utf-8"
            })
    void aParameterOfContentTypeMayBeEmpty(String contentType) {
        assertServed(post(ADA, "Content-Type: " + contentType));
    }

    @Test
    void noIdIsABadBatch() {
        Response response = post("{\"ids\":[]}");

        assertRefused(response, 400, "bad-batch", "\"ids\" must name at least one id.");
        assertNoIndex(response);
        assertUsable();
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "null", "true", "[\"b\"]", "{\"id\":\"b\"}"})
    void anElementThatIsNoStringIsABadBatchThatSaysWhere(String element) {
        Response response = post("{\"ids\":[\"a\"," + element + ",\"c\"]}");

        assertRefused(response, 400, "bad-batch", "ids[1] must be a string.");
        assertThat(response.json().path("index").intValue()).isEqualTo(1);
        assertThat(response.json().has("id")).isFalse();
        assertUsable();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a/b", "..", "%61", "\\u00e4", "a\\n", "<b>"})
    void anInvalidIdIsRefusedWithItsPlace(String id) {
        Response response = post("{\"ids\":[\"a\",\"b\",\"" + id + "\"]}");

        assertRefused(response, 400, "bad-id", "ids[2] must be " + RULE);
        assertThat(response.json().path("index").intValue()).isEqualTo(2);
        assertThat(response.json().has("id")).isFalse();
        assertUsable();
    }

    @Test
    void theFirstInvalidIdIsTheOneThatIsNamed() {
        Response response = post("{\"ids\":[\"\",\" \",7]}");

        assertRefused(response, 400, "bad-id", "ids[0] must be " + RULE);
        assertThat(response.json().path("index").intValue()).isZero();
    }

    @Test
    void anIdMayHave64CharactersAndNoMore() {
        String longest = "a".repeat(64);

        assertThat(Answer.of(List.of(longest), post(Batches.body(longest))).tally())
                .containsExactly(1, 0, 0, 0);
        assertProblem(post(Batches.body(longest + "a")), 400, "bad-id");
    }

    @Test
    void anIdMayBeWrittenWithEscapes() {
        assertServed(post("{ \"\\u0069ds\" :\n[ \"\\u0061da\" ] }\r\n"));
    }

    private static String ids(int distinct, int times) {
        return Batches.body(IntStream.range(0, distinct * times)
                .mapToObj(i -> "id-" + i % distinct)
                .toList());
    }

    @ParameterizedTest
    @CsvSource({"6, 1", "1, 11", "4, 11", "5, 11"})
    void moreIdsThanMayBeAreRefused(int distinct, int times) {
        Response response = post(ids(distinct, times));

        assertRefused(
                response,
                413,
                "too-many-ids",
                "A batch may have at most 5 different ids, and in total at most 10 times as many ids as it has"
                        + " different ones.");
        assertNoIndex(response);
        assertUsable();
    }

    @ParameterizedTest
    @CsvSource({"5, 1", "5, 10", "1, 10"})
    void asManyIdsAsMayBeAreServed(int distinct, int times) {
        Response response = post(ids(distinct, times));

        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.json().at("/summary/succeeded").intValue()).isEqualTo(distinct * times);
    }

    private static String padded(int length) {
        return ADA + " ".repeat(length - ADA.length());
    }

    private static String chunks(String body, int size) {
        return IntStream.rangeClosed(0, (body.length() - 1) / size)
                        .mapToObj(i -> body.substring(i * size, Math.min(body.length(), (i + 1) * size)))
                        .map(chunk -> Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n")
                        .collect(Collectors.joining())
                + "0\r\n\r\n";
    }

    @Test
    void aBodyOfAMebibyteIsRead() {
        assertServed(post(padded(1 << 20)));
        assertServed(post(chunks(padded(1 << 20), 8000), "Transfer-Encoding: chunked"));
    }

    @Test
    void aBodyWhoseLengthIsAboveAMebibyteIsRefusedUnread() {
        Response response = post("", "Content-Length: 1048577");

        assertProblem(response, 413, "payload-too-large");
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.isClosedByPeer()).isTrue();
        assertThat(backend.calls().calls()).isEmpty();
    }

    @Test
    void aChunkedBodyAboveAMebibyteIsRefused() {
        Response response = post(chunks(padded((1 << 20) + 1), 1 << 16), "Transfer-Encoding: chunked");

        assertRefused(response, 413, "payload-too-large", "The request body is longer than the server reads.");
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.isClosedByPeer()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void aBodyMayComeInChunks(int size) {
        assertServed(post(chunks(ADA, size), "Transfer-Encoding: chunked"));
        assertUsable();
    }

    @Test
    void aChunkThatIsNoneIsABadRequestAndTheEnd() {
        Response response = post("zz\r\n", "Transfer-Encoding: chunked");

        assertProblem(response, 400, "bad-request");
        assertThat(client.isClosedByPeer()).isTrue();
        assertThat(backend.calls().calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "application/json;charset=\"UTF-8\"",
                "APPLICATION/JSON",
                "application/json ; charset=iso-8859-1"
            })
    void jsonIsReadWhateverItsParametersSay(String type) {
        assertServed(post(ADA, "Content-Type: " + type));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/x-ndjson",
                "application/jsonp",
                "application/problem+json",
                "*/*",
                "json",
                ""
            })
    void anotherMediaTypeIsNotRead(String type) {
        Response response = post(ADA, "Content-Type: " + type);

        assertRefused(response, 415, "unsupported-media-type", "The body must be application/json.");
        assertThat(response.header("Accept")).isEqualTo("application/json");
        assertUsable();
    }

    @Test
    void aBodyWithoutAMediaTypeIsNotRead() {
        Response response = ask(
                "POST /profiles:batch HTTP/1.1\r\nHost: test\r\nContent-Length: " + ADA.length() + "\r\n\r\n" + ADA);

        assertRefused(response, 415, "unsupported-media-type", "The body must be application/json.");
        assertUsable();
    }

    @Test
    void twoMediaTypesAreNone() {
        Response response = post(ADA, "Content-Type: application/json", "Content-Type: application/json");

        assertRefused(response, 415, "unsupported-media-type", "The body must be application/json.");
        assertUsable();
    }

    @Test
    void aRequestWithoutABodyIsABadBatch() {
        Response response =
                ask("POST /profiles:batch HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\r\n");

        assertRefused(response, 400, "bad-batch", SHAPE);
        assertUsable();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        application/json                                | application/json
        application/x-ndjson                            | application/x-ndjson
        APPLICATION/X-NDJSON                            | application/x-ndjson
        */*                                             | application/json
        application/*                                   | application/json
        application/json;q=0.4, application/x-ndjson    | application/x-ndjson
        application/json, application/x-ndjson          | application/json
        application/json;q=0, */*                       | application/x-ndjson
        application/x-ndjson;q=0.5, */*;q=0.1           | application/x-ndjson
        text/html, application/x-ndjson;q=0.1           | application/x-ndjson
        """)
    void theFormIsChosenByAccept(String accept, String mediaType) {
        Response response = post(ADA, "Accept: " + accept);

        assertThat(response.header("Content-Type")).isEqualTo(mediaType);
        assertServed(response);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text/html", "application/ndjson", "application/json;q=0, application/x-ndjson;q=0", "*/*;q=0"})
    void anotherFormIsNotAcceptable(String accept) {
        Response response = post(ADA, "Accept: " + accept);

        assertRefused(
                response,
                406,
                "not-acceptable",
                "This resource can be sent as application/json or application/x-ndjson.");
        assertUsable();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"})
    void anotherMethodIsNotAllowed(String method) {
        client.send(method, Batches.PATH);
        Response response = client.read(method);

        assertThat(response.status()).isEqualTo(405);
        assertThat(response.header("Allow")).isEqualTo("POST");
        if (!method.equals("HEAD")) {
            assertRefused(response, 405, "method-not-allowed", "This path allows POST.");
        }
        assertUsable();
    }

    @Test
    void anUnknownMethodIsNotImplemented() {
        client.send("BREW", Batches.PATH);

        assertRefused(client.read("BREW"), 501, "not-implemented", "The method is not known to this server.");
        assertUsable();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/profiles", "/profiles:batches", "/profiles:batch/ada", "/profiles:"})
    void aPathThatIsLikeItIsNotIt(String path) {
        Response response = ask(Batches.request(ADA).replace(Batches.PATH + " ", path + " "));

        assertProblem(response, 404, "unknown-path");
        assertThat(backend.calls().calls()).isEmpty();
    }

    @Test
    void aQueryIsIgnored() {
        assertServed(ask(Batches.request(ADA).replace(Batches.PATH + " ", Batches.PATH + "?ids=grace ")));
        assertThat(backend.asked()).containsExactly("ada");
    }

    /** The head of a request with {@code Expect: 100-continue}, and one more header line. */
    private static String waitingHead(String header) {
        return Batches.request("", header, "Content-Length: " + ADA.length(), "Expect: 100-continue");
    }

    @Test
    void aClientThatWaitsForLeaveToSendItsBodyGetsIt() {
        client.sendRaw(waitingHead("X-Request-Id: r1"));
        assertThat(client.readHead().status()).isEqualTo(100);
        assertThat(backend.calls().calls()).isEmpty();

        client.sendRaw(ADA);
        assertServed(client.read("POST"));
        assertUsable();
    }

    @ParameterizedTest
    @CsvSource({"Content-Type: text/plain, 415", "Accept: text/html, 406"})
    void aClientWhoseBodyNobodyWantsGetsNoLeaveToSendIt(String header, int status) {
        Response response = ask(waitingHead(header));

        assertThat(response.status()).as(response.body()).isEqualTo(status);
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.isClosedByPeer()).isTrue();
        assertThat(backend.calls().calls()).isEmpty();
    }

    @Test
    void aBodyThatDoesNotComeInTimeIsARequestTimeout() {
        try (Service hasty = Service.start(backend.baseUri(), Map.of("connection.body-timeout", "PT0.2S"));
                RawConnection slow = new RawConnection(hasty.port())) {
            slow.sendRaw(Batches.request(ADA, "Content-Length: " + (ADA.length() + 1)));

            Response response = slow.read("POST");
            assertRefused(response, 408, "request-timeout", "The request body did not arrive in time.");
            assertThat(slow.isClosedByPeer()).isTrue();
        }
    }
}
