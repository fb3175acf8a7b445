package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.problem.ProblemType;
import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages at the URIs of the problem types. */
class ProblemPagesTest {
    private static Service service;

    @BeforeAll
    static void start() {
        service = Service.start(Backends.fresh().baseUri());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeExplainsItself(ProblemType type) {
        RawConnection.Response page = service.get(type.uri());

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.header("Cache-Control")).isEqualTo("public, max-age=3600");
        assertThat(page.body())
                .startsWith("<!doctype html>")
                .contains("<title>" + type.title() + "</title>", Integer.toString(type.status()), type.uri())
                .contains(type.explanation().replace("\"", "&quot;"));
    }

    @Test
    void theIndexLeadsToEveryType() {
        RawConnection.Response index = service.get("/problems");

        assertThat(index.status()).isEqualTo(200);
        assertThat(index.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        for (ProblemType type : ProblemType.values()) {
            assertThat(index.body()).contains("href=\"" + type.uri() + "\"", type.title());
        }
    }

    @Test
    void aTypeThatIsNotOneHasNoPage() {
        RawConnection.Response response = service.get("/problems/bad-luck");

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/unknown-path");
    }

    @Test
    void pagesNeedNothingFromElsewhere() {
        assertThat(service.get("/problems").body()
                        + service.get("/problems/bad-id").body())
                .doesNotContain("http://", "https://", "src=", "<script", "<link");
    }

    @Test
    void pagesAreHtmlOnly() {
        assertThat(service.get("/problems/bad-id", "Accept: application/json").status())
                .isEqualTo(406);
    }
}
