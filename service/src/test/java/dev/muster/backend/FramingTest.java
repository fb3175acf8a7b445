package dev.muster.backend;

import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes from the posts backend that are, or are not, a valid HTTP answer. */
class FramingTest {
    private static final String POSTS = "[{\"id\":\"p-ada\"}]";
    private static final String JSON = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    /** What the backend sends, and whether it then closes the connection. */
    private volatile String bytes = "";

    private volatile boolean closes;

    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final Service service =
            Service.start(backend.baseUri(), Map.of("backends.posts.max-body", Integer.toString(POSTS.length())));

    @AfterEach
    void stop() {
        service.close();
        backend.close();
    }

    private void answer(Call call) throws Exception {
        if (!call.isFor("posts")) {
            call.answerWell();
            return;
        }
        call.send(bytes);
        if (closes) {
            call.close();
        }
    }

    @Test
    void aBodyOfJustTheLimitIsRead() {
        bytes = JSON + "Content-Length: " + POSTS.length() + "\r\n\r\n" + POSTS;

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void aChunkedBodyOfJustTheLimitIsRead() {
        bytes = JSON + "Transfer-Encoding: chunked\r\n\r\n8;some=extension\r\n" + POSTS.substring(0, 8)
                + "\r\n" + Integer.toHexString(POSTS.length() - 8) + "\r\n" + POSTS.substring(8)
                + "\r\n0\r\nSome-Trailer: value\r\n\r\n";

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void aBodyThatEndsWithTheConnectionIsRead() {
        bytes = JSON + "\r\n" + POSTS;
        closes = true;

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void anHttp10AnswerIsRead() {
        bytes = JSON.replace("1.1", "1.0") + "Content-Length: " + POSTS.length() + "\r\n\r\n" + POSTS;

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void interimAnswersAreSkipped() {
        bytes = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + JSON
                + "Content-Length: " + POSTS.length() + "\r\n\r\n" + POSTS;

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void aLongerBodyByItsContentLengthIsABadResponse() {
        bytes = JSON + "Content-Length: " + (POSTS.length() + 1) + "\r\n\r\n" + POSTS + " ";

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }

    @Test
    void aLongerChunkedBodyIsABadResponse() {
        bytes = JSON + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(POSTS.length()) + "\r\n" + POSTS
                + "\r\n1\r\n \r\n0\r\n\r\n";

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }

    @Test
    void aChunkedBodyWithoutEndIsABadResponseAsSoonAsItIsTooLong() {
        bytes = JSON + "Transfer-Encoding: chunked\r\n\r\nffffff\r\n" + " ".repeat(POSTS.length() + 1);

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "gzip, identity"})
    void aContentCodingThatWasNotAskedForIsABadResponse(String coding) {
        bytes = JSON + "Content-Encoding: " + coding + "\r\nContent-Length: " + POSTS.length() + "\r\n\r\n" + POSTS;

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }

    @Test
    void theIdentityCodingIsNone() {
        bytes = JSON + "Content-Encoding: identity\r\nContent-Length: " + POSTS.length() + "\r\n\r\n" + POSTS;

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0000\u0001\u0002\u0003\r\n\r\n",
                "SSH-2.0-OpenSSH_9.6\r\n",
                "HTTP/1.1\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                JSON + "Content-Length: -1\r\n\r\n[]",
                JSON + "Content-Length: 99999999999999999999\r\n\r\n[]",
                JSON + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n[] ",
                JSON + "Content-Length: 10\r\n\r\n[]",
                JSON + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                JSON + "Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
                JSON + "Transfer-Encoding: chunked\r\n\r\n2\r\n[]",
                JSON + "no colon\r\n\r\n[]",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n"
            })
    void anAnswerThatIsNoWholeHttpAnswerIsBadGateway(String broken) {
        bytes = broken;
        closes = true;

        var response = service.get("/profiles/ada");

        assertThat(response.status()).as(response.body()).isEqualTo(502);
        assertThat(response.json().path("backend").asString()).isEqualTo("posts");
    }

    @Test
    void aHeadWithoutEndIsBadGateway() {
        bytes = JSON + "X: y\r\n".repeat(10_000);

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }

    @Test
    void aHeaderLineWithoutEndIsBadGateway() {
        bytes = JSON + "X: " + "y".repeat(100_000);

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }
}
