package dev.muster.backend;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static dev.muster.testing.Answers.assertProblem;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import dev.muster.config.BackendName;
import dev.muster.testing.Backends;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that keep the backends' contract, and bodies that break it. */
class BodiesTest {
    private final Backends backends = Backends.fresh().serve("ada");
    private Service service;

    @BeforeEach
    void start() {
        service = Service.start(backends.baseUri());
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "APPLICATION/JSON",
                "application/json;charset=utf-8",
                "application/json ; charset=utf-8",
                "application/hal+json",
                "application/problem+json"
            })
    void jsonIsReadUnderEveryMediaTypeThatMeansIt(String mediaType) {
        backends.answer("user", "ada", userBody(mediaType));

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/html",
                "text/json",
                "text/plain; charset=utf-8",
                "application/jsonp",
                "application/x-ndjson",
                "application/+jsonx",
                "image/svg+json+xml",
                "+json",
                "application",
                ""
            })
    void anotherMediaTypeIsABadResponse(String mediaType) {
        backends.answer("user", "ada", userBody(mediaType));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "user");
    }

    @Test
    void anAbsentMediaTypeIsABadResponse() {
        backends.answer("user", "ada", aResponse().withBody(GoodBodies.user("ada")));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "user");
    }

    private static ResponseDefinitionBuilder userBody(String mediaType) {
        return aResponse().withHeader("Content-Type", mediaType).withBody(GoodBodies.user("ada"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "null",
                "true",
                "1",
                "\"ada\"",
                "[]",
                "{}",
                "<html>",
                "{\"id\":\"ada\",\"name\":\"Ada\"",
                "{\"id\":\"ada\",\"name\":\"Ada\"}}",
                "{\"id\":\"ada\",\"name\":\"Ada\"} garbage",
                "{\"id\":\"ada\",\"name\":\"Ada\"}{\"id\":\"eve\",\"name\":\"Eve\"}",
                "[{\"id\":\"ada\",\"name\":\"Ada\"}]",
                "{\"id\":\"ada\"}",
                "{\"name\":\"Ada\"}",
                "{\"id\":null,\"name\":\"Ada\"}",
                "{\"id\":\"ada\",\"name\":null}",
                "{\"id\":\"ada\",\"name\":1}",
                "{\"id\":\"ada\",\"name\":1.5}",
                "{\"id\":\"ada\",\"name\":true}",
                "{\"id\":\"ada\",\"name\":[\"Ada\"]}",
                "{\"id\":\"ada\",\"name\":{\"first\":\"Ada\"}}",
                "{\"id\":\"ada\",\"name\":\"Ada\",\"email\":5}",
                "{\"id\":[\"ada\"],\"name\":\"Ada\"}",
                "{\"id\":{},\"name\":\"Ada\"}",
                "{\"id\":true,\"name\":\"Ada\"}",
                "{\"ID\":\"ada\",\"name\":\"Ada\"}",
                "{\"id\":\"ada\",\"name\":\"A\u0000\"}",
                "{\"id\":\"eve\",\"name\":\"Eve\"}",
                "{\"id\":\"Ada\",\"name\":\"Ada\"}",
                "{\"id\":\"ada \",\"name\":\"Ada\"}"
            })
    void aUserThatIsNotWhatTheContractSaysIsABadResponse(String body) {
        backends.answer("user", "ada", okJson(body));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "user");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "[null]",
                "[{\"id\":\"1\"},null]",
                "[[]]",
                "[{}]",
                "[\"1\"]",
                "[{\"id\":null}]",
                "[{\"id\":1.5}]",
                "[{\"id\":1e3}]",
                "[{\"id\":false}]",
                "[{\"id\":\"1\",\"title\":2}]",
                "[{\"id\":\"1\",\"body\":[]}]",
                "[{\"id\":\"1\"}",
                "[{\"id\":\"1\"},]",
                "[{\"id\":\"1\"}]]",
                "[{\"id\":\"1\"}] []"
            })
    void postsThatAreNotWhatTheContractSaysAreABadResponse(String body) {
        backends.answer("posts", "ada", okJson(body));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[null]", "[{\"id\":\"1\"}]", "[{\"name\":\"A\"}]", "[{\"id\":\"1\",\"name\":2}]"})
    void friendsThatAreNotWhatTheContractSaysAreABadResponse(String body) {
        backends.answer("friends", "ada", okJson(body));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "friends");
    }

    @Test
    void bytesThatAreNotUtf8AreABadResponse() {
        byte[] latin1 = "{\"id\":\"ada\",\"name\":\"Ad\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        backends.answer(
                "user",
                "ada",
                aResponse().withHeader("Content-Type", "application/json").withBody(latin1));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "user");
    }

    private void answerIn(Charset charset, String mark) {
        backends.answer(
                "user",
                "ada",
                aResponse()
                        .withHeader("Content-Type", "application/json")
                        .withBody((mark + GoodBodies.user("ada")).getBytes(charset)));
    }

    /** RFC 8259 section 8.1: between systems, JSON is UTF-8. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void anotherEncodingThanUtf8IsABadResponse(String charset) {
        for (String mark : List.of("", "\ufeff")) {
            answerIn(Charset.forName(charset), mark);

            assertProblem(service.get("/profiles/ada"), 502, "bad-response", "user");
        }
    }

    /** RFC 8259 section 8.1 allows this. */
    @Test
    void aByteOrderMarkIsIgnored() {
        answerIn(StandardCharsets.UTF_8, "\ufeff");

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void anIdOfMoreDigitsThanAreReadIsABadResponse() {
        backends.answer("user", "ada", okJson("{\"id\":" + "1".repeat(100_000) + ",\"name\":\"Ada\"}"));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "user");
    }

    @Test
    void nestingWithoutEndIsABadResponse() {
        backends.answer("posts", "ada", okJson("[".repeat(100_000)));

        assertProblem(service.get("/profiles/ada"), 502, "bad-response", "posts");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "42", "9223372036854775808", "123456789012345678901234567890123456789012345678901234567890"
            })
    void anIdThatIsAJsonNumberIsReadAsItsDigits(String id) {
        backends.serve(id);
        backends.answer("user", id, okJson("{\"id\":" + id + ",\"name\":\"Name\"}"));
        backends.answer("posts", id, okJson("[{\"id\":" + id + "}]"));
        backends.answer("friends", id, okJson("[{\"id\":" + id + ",\"name\":\"Friend\"}]"));

        Response response = service.get("/profiles/" + id);

        assertThat(response.body())
                .isEqualTo(GoodBodies.profile(Map.of(
                        BackendName.USER, "{\"id\":\"%s\",\"name\":\"Name\"}".formatted(id),
                        BackendName.POSTS, "[{\"id\":\"%s\"}]".formatted(id),
                        BackendName.FRIENDS, "[{\"id\":\"%s\",\"name\":\"Friend\"}]".formatted(id))));
    }

    @Test
    void aUserWithoutPostsAndFriendsHasEmptyLists() {
        backends.answer("posts", "ada", okJson("[]"));
        backends.answer("friends", "ada", okJson(" [ ] "));

        Response response = service.get("/profiles/ada");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).contains(",\"posts\":[],\"friends\":[]");
    }

    @Test
    void textBeyondAsciiComesThroughUnharmed() {
        String name = "Zo\u00eb \u4e2d \ud83d\ude00 \\\"<>";
        backends.answer("user", "ada", okJson("{\"id\":\"ada\",\"name\":\"" + name + "\"}"));

        assertThat(service.get("/profiles/ada").json().at("/user/name").asString())
                .isEqualTo(name.replace("\\\"", "\""));
    }
}
