package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.BackendName;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(20)
class DemoBackendsTest {

    private static final String HOST = "127.0.0.1";
    private static final JsonMapper JSON = new JsonMapper();

    private DemoBackends backends;

    @BeforeEach
    void start() throws IOException {
        backends = DemoBackends.start(HOST, 0);
    }

    @AfterEach
    void close() {
        backends.close();
    }

    @Test
    void aKnownPersonHasAProfile() throws Exception {
        assertThat(json("/users/ada")).isEqualTo(JSON.readTree("""
            {"id":"ada","name":"Ada Lovelace","username":"ada","email":"ada@example.org",
             "city":"London","occupation":"Analyst"}\
            """));
        assertThat(json("/posts?userId=ada").get(0).get("title").asString()).isEqualTo("Note G, at last");
        assertThat(json("/friends?userId=ada").get(0))
                .isEqualTo(JSON.readTree("{\"id\":\"grace\",\"name\":\"Grace Hopper\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ada",
                "grace",
                "alan",
                "edsger",
                "barbara",
                "donald",
                "tony",
                "margaret",
                "katherine",
                "dennis",
                "ken",
                "leslie",
                "frances",
                "linus",
                "u17",
                "x",
                "rosa-weber",
                "-",
                "0",
                "all-d0_u17"
            })
    void everybodyHasPostsAndFriendsWhoAreCalledTheSameWhenAskedForThemselves(String id) throws Exception {
        assertThat(json("/users/" + id).get("id").asString()).isEqualTo(id);
        assertThat(json("/posts?userId=" + id).size()).isBetween(2, 4);
        JsonNode friends = json("/friends?userId=" + id);
        assertThat(friends.size()).isBetween(2, 5);
        for (JsonNode friend : friends) {
            assertThat(json("/users/" + friend.get("id").asString()).get("name"))
                    .isEqualTo(friend.get("name"));
        }
    }

    @Test
    void whoIsMadeUpStaysTheSame() throws Exception {
        assertThat(json("/users/u17").get("name").asString()).isEqualTo("Olga Vargas");
    }

    @Test
    void theUsersIdIsTheOneAskedForWithItsFaults() throws Exception {
        JsonNode user = json("/users/posts-500_friends-hang_ada");
        assertThat(user.get("id").asString()).isEqualTo("posts-500_friends-hang_ada");
        assertThat(user.get("name").asString()).isEqualTo("Ada Lovelace");
    }

    @ParameterizedTest
    @EnumSource
    void nobodyIsUnknown(BackendName backend) throws Exception {
        assertThat(get(backend.resource("nobody")).status()).isEqualTo(404);
        assertThat(get(backend.resource("all-d1_nobody")).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "/, 404",
        "/users, 404",
        "/posts, 404",
        "/users/, 400",
        "/users/a.b, 400",
        "/users/a/b, 400",
        "/posts?userId=, 400"
    })
    void whatIsNotServedIsRefused(String target, int status) throws Exception {
        assertThat(get(target).status()).isEqualTo(status);
    }

    @Test
    void anIdIsAtMost64Long() throws Exception {
        assertThat(get("/users/" + "a".repeat(64)).status()).isEqualTo(200);
        assertThat(get("/users/" + "a".repeat(65)).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void onlyGetIsServed(String method) throws Exception {
        try (var client = new Client(backends.port())) {
            client.send(method + " /users/ada HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
            Reply reply = client.reply();
            assertThat(reply.status()).isEqualTo(405);
            assertThat(reply.header("Allow")).isEqualTo("GET");
            assertThat(client.get("/users/ada").status()).isEqualTo(200);
        }
    }

    @Test
    void theAnswerToHeadHasNoBody() throws Exception {
        try (var client = new Client(backends.port())) {
            client.send("HEAD /users/ada HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(client.rest()).startsWith("HTTP/1.1 405 ").endsWith("\r\n\r\n");
        }
    }

    @Test
    void anOrderThatIsNotUnderstoodIsNamedAndTheOthersAreListed() throws Exception {
        Reply reply = get("/users/user-foo_ada");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().get("error").asString())
                .contains("'user-foo'", "d<ms>", "hang", "twice", "html", "big");
    }

    @Test
    void oneConnectionServesManyRequests() throws Exception {
        try (var client = new Client(backends.port())) {
            for (String target : new String[] {"/users/ada", "/posts?userId=user-500_x", "/users/user-500_x", "/x"}) {
                assertThat(client.get(target).json()).isNotEmpty();
            }
        }
    }

    @Test
    void aConnectionIsClosedWhereTheClientAsksForIt() throws Exception {
        try (var client = new Client(backends.port())) {
            client.send("GET /users/ada HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(client.rest()).contains("Connection: close").endsWith("}");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "302, Location, /posts?userId=ada",
        "401, WWW-Authenticate, Bearer realm=\"demo\"",
        "404, Content-Type, application/json",
        "429, Retry-After, 7",
        "500, Content-Type, application/json",
        "503, Retry-After, 7"
    })
    void aStatusComesWithAnErrorAndItsHeader(int status, String header, String value) throws Exception {
        Reply reply = get("/posts?userId=posts-" + status + "_ada");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header(header)).isEqualTo(value);
        assertThat(reply.json().get("error").asString()).contains(String.valueOf(status));
    }

    @Test
    void aPartialAnswerLooksLikeTheWhole() throws Exception {
        Reply reply = get("/users/user-206_ada");
        assertThat(reply.status()).isEqualTo(206);
        assertThat(reply.header("Content-Range")).startsWith("bytes 0-");
        assertThat(reply.json().get("name").asString()).isEqualTo("Ada Lovelace");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void aStatusWithoutABodyLeavesTheConnectionOpen(int status) throws Exception {
        try (var client = new Client(backends.port())) {
            Reply reply = client.get("/users/user-" + status + "_ada");
            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.head()).doesNotContain("Content-Length");
            assertThat(client.get("/users/ada").status()).isEqualTo(200);
        }
    }

    @Test
    void aDelayComesBeforeTheAnswer() throws Exception {
        long start = System.nanoTime();
        assertThat(get("/posts?userId=posts-d20_posts-500_all-d30_ada").status())
                .isEqualTo(500);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }

    @Test
    void htmlIsHtml() throws Exception {
        Reply reply = get("/users/user-html_ada");
        assertThat(reply.header("Content-Type")).startsWith("text/html");
        assertThat(reply.body()).startsWith("<!doctype html>");
    }

    @ParameterizedTest
    @EnumSource
    void nojsonEndsHalfWay(BackendName backend) throws Exception {
        Reply reply = get(backend.resource("all-nojson_ada"));
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThatThrownBy(reply::json).isInstanceOf(JacksonException.class);
    }

    @Test
    void wrongIsAnotherUserOrNoList() throws Exception {
        assertThat(json("/users/all-wrong_ada").get("id").asString()).isEqualTo("not-all-wrong_ada");
        assertThat(json("/posts?userId=all-wrong_ada").isObject()).isTrue();
        assertThat(json("/friends?userId=all-wrong_ada").isObject()).isTrue();
    }

    @Test
    void nullIsAnIdThatIsNull() throws Exception {
        assertThat(json("/users/all-null_ada").get("id").isNull()).isTrue();
        assertThat(json("/posts?userId=all-null_ada").get(0).get("id").isNull()).isTrue();
        assertThat(json("/friends?userId=all-null_ada").get(0).get("id").isNull())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 10, 999})
    void manyAreSoManyThatAreDifferent(int items) throws Exception {
        for (String target : List.of("/posts?userId=all-n%d_ada", "/friends?userId=all-n%d_u17")) {
            Set<String> ids = new HashSet<>();
            json(target.formatted(items)).forEach(item -> ids.add(item.get("id").asString()));
            assertThat(ids).hasSize(items);
        }
        assertThat(json("/users/all-n" + items + "_ada").get("name").asString()).isEqualTo("Ada Lovelace");
    }

    @ParameterizedTest
    @EnumSource
    void bigIsTwoMebibytesOfTheSame(BackendName backend) throws Exception {
        Reply reply = get(backend.resource("all-big_ada"));
        assertThat(reply.body()).hasSize(2 * 1024 * 1024);
        assertThat(reply.json().size()).isEqualTo(json(backend.resource("ada")).size());
    }

    @Test
    void dripSendsTheHeadAndThenAByteEach100Ms() throws Exception {
        long start = System.nanoTime();
        try (var client = new Client(backends.port())) {
            client.request("/users/user-drip_ada");
            assertThat(client.head()).startsWith("HTTP/1.1 200 ");
            assertThat(client.bytes(2)).isEqualTo("{\"");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void twiceIsTwoAnswersAndTheConnectionStaysOpen() throws Exception {
        try (var client = new Client(backends.port())) {
            client.request("/users/user-twice_ada");
            assertThat(client.reply().json()).isEqualTo(client.reply().json());
            assertThat(client.get("/users/grace").json().get("id").asString()).isEqualTo("grace");
        }
    }

    @Test
    void cutEndsBeforeTheLengthThatWasAnnounced() throws Exception {
        try (var client = new Client(backends.port())) {
            client.request("/users/user-cut_ada");
            Reply cut = new Reply(client.head(), client.rest());
            assertThat(cut.body().length()).isPositive().isLessThan(Integer.parseInt(cut.header("Content-Length")));
        }
    }

    @Test
    void garbageIsNoHttp() throws Exception {
        try (var client = new Client(backends.port())) {
            client.request("/users/user-garbage_ada");
            assertThat(client.rest()).hasSize(256).doesNotContain("HTTP");
        }
    }

    @Test
    void emptyClosesWithoutAnAnswer() throws Exception {
        try (var client = new Client(backends.port())) {
            client.request("/users/user-empty_ada");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void resetIsAReset() throws Exception {
        try (var client = new Client(backends.port())) {
            client.request("/users/user-reset_ada");
            assertThatThrownBy(client::rest).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"all-hang_ada", "all-d99999_ada", "all-drip_ada"})
    void aClientThatGoesEndsTheWaiting(String id) throws Exception {
        try (var client = new Client(backends.port())) {
            client.request("/users/" + id);
            client.socket.shutdownOutput();
            assertThat(client.rest()).doesNotContain("\r\n\r\n{\"id");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"all-hang_ada", "all-d99999_ada", "all-drip_ada"})
    void closeEndsTheWaiting(String id) throws Exception {
        try (var client = new Client(backends.port())) {
            client.get("/users/ada");
            client.request("/users/" + id);
            backends.close();
            assertThat(client.ends()).isTrue();
        }
    }

    @Test
    void closeEndsIdleConnectionsAndFreesThePort() throws Exception {
        int port = backends.port();
        try (var client = new Client(port)) {
            client.get("/users/ada");
            backends.close();
            backends.close();
            assertThat(client.ends()).isTrue();
        }
        try (var again = DemoBackends.start(HOST, port)) {
            assertThat(again.port()).isEqualTo(port);
        }
    }

    @Test
    void aPortThatIsTakenIsSaidSo() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> DemoBackends.start(HOST, taken.getLocalPort()))
                    .isInstanceOf(BindException.class);
        }
    }

    private JsonNode json(String target) throws IOException {
        Reply reply = get(target);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        return reply.json();
    }

    private Reply get(String target) throws IOException {
        try (var client = new Client(backends.port())) {
            return client.get(target);
        }
    }
}
