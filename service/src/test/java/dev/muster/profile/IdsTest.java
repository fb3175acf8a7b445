package dev.muster.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.BackendName;
import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which ids are valid. They are checked as sent, before any call. */
class IdsTest {
    private static final String SIXTY_FOUR = "0123456789012345678901234567890123456789012345678901234567890123";

    private static Backends backends;
    private static Service service;

    @BeforeAll
    static void start() {
        backends = Backends.fresh();
        service = Service.start(backends.baseUri());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @BeforeEach
    void forgetCalls() {
        backends.wireMock().resetRequests();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "7",
                "-",
                "_",
                SIXTY_FOUR,
                "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-0123456789"
            })
    void anIdOfAllowedCharactersWorks(String id) {
        backends.serve(id);

        RawConnection.Response response = service.get("/profiles/" + id);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.json().at("/user/id").stringValue()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "?x=1", "?id=b/../c", "?a=%00", "?a?b"})
    void aQueryIsIgnored(String query) {
        backends.serve("a");

        RawConnection.Response response = service.get("/profiles/a" + query);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.json().at("/user/id").stringValue()).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                SIXTY_FOUR + "4",
                "%2e%2e",
                "%00",
                "%0d%0a",
                "%7Bid%7D",
                "%61",
                "a%20b",
                "a;b=c",
                "a;",
                "a.b",
                "a+b",
                "a:b",
                "a@b",
                "a,b",
                "a~b",
                "a'b",
                "%C3%A9",
                "\u00c3\u00a9",
                "%EF%BC%A1",
                "%e2%80%8b"
            })
    void anIdOfOtherCharactersIsRefused(String id) {
        RawConnection.Response response = service.get("/profiles/" + id);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/bad-id");
        assertThat(backends.calls()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../profiles", "..%2f", "..%2Fa", "a%2Fb", "a/b", "a/", "a/..", ";"})
    void anIdThatMakesAnotherPathLeadsNowhere(String id) {
        RawConnection.Response response = service.get("/profiles/" + id);

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/unknown-path");
        assertThat(backends.calls()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%zz", "%", "%4", "a b", "a\"b", "a<b", "a\\b", "a^b", "a`b", "a{b}", "a|b", "\u0001", "\u007f"})
    void anIdThatNoUriCanHaveIsNotHttp(String id) {
        RawConnection.Response response = service.get("/profiles/" + id);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/bad-request");
        assertThat(backends.calls()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//profiles/a",
                "/./profiles/a",
                "/x/../profiles/a",
                "/profiles//a",
                "/profile%73/a",
                "/profiles;x=1/a",
                "/%70rofiles/a"
            })
    void aPathThatOnlyDecodesToOneOfAProfileIsRefused(String path) {
        backends.serve("a");

        RawConnection.Response response = service.get(path);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/bad-id");
        assertThat(backends.calls()).isZero();
    }

    @Test
    void theIdReachesTheBackendsAsItCame() {
        String id = "A_b-9";
        backends.serve(id);

        assertThat(service.get("/profiles/" + id).status()).isEqualTo(200);

        assertThat(backends.wireMock().getAllServeEvents())
                .extracting(event -> event.getRequest().getUrl())
                .containsExactlyInAnyOrderElementsOf(BackendName.ALL.stream()
                        .map(backend -> backend.resource(id))
                        .toList());
    }
}
