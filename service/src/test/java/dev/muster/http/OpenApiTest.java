package dev.muster.http;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.AnswerKind;
import dev.muster.testing.BatchKind;
import dev.muster.testing.Batches;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.OpenApi;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** How the OpenAPI document is served, and whether the service obeys it. */
class OpenApiTest {
    private static final String PROFILE = "/profiles/{id}";

    private static EveryAnswer answers;
    private static Service service;
    private static OpenApi openApi;

    @BeforeAll
    static void start() {
        answers = new EveryAnswer();
        service = answers.service(AnswerKind.GOOD);
        openApi = OpenApi.of(service);
    }

    @AfterAll
    static void stop() {
        answers.close();
    }

    @Test
    void yamlIsWhatIsServedWhereItDoesNotMatter() {
        for (String[] headers : new String[][] {{}, {"Accept: */*"}, {"Accept: application/*"}}) {
            RawConnection.Response response = service.get("/openapi", headers);

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("Content-Type")).isEqualTo("application/yaml");
            assertThat(response.body()).startsWith("openapi: 3.1.0\n");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        application/json                            | application/json
        application/yaml                            | application/yaml
        application/yaml;q=0.1, application/json    | application/json
        application/yaml;q=0.2, application/*;q=0.1 | application/yaml
        application/yaml;q=0, */*                   | application/json
        text/html, application/json;q=0.1           | application/json
        """)
    void theFormIsChosenByAccept(String accept, String mediaType) {
        RawConnection.Response response = service.get("/openapi", "Accept: " + accept);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).isEqualTo(mediaType);
        assertThat(response.header("Vary")).isEqualTo("Accept");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/yaml;q=0, application/json;q=0", "*/*;q=0"})
    void anotherFormIsNotAcceptable(String accept) {
        RawConnection.Response response = service.get("/openapi", "Accept: " + accept);

        assertThat(response.status()).isEqualTo(406);
        assertThat(response.json().path("detail").stringValue()).contains("application/yaml or application/json");
    }

    @Test
    void bothFormsAreTheSameDocument() {
        String yaml = service.get("/openapi", "Accept: application/yaml").body();
        String json = service.get("/openapi", "Accept: application/json").body();

        assertThat(new OpenApi(YAMLMapper.shared().readTree(yaml)).document()).isEqualTo(openApi.document());
        assertThat(json).startsWith("{\"openapi\":\"3.1.0\",");
    }

    @ParameterizedTest
    @EnumSource
    void everyAnswerAboutAProfileIsAsDocumented(AnswerKind kind) {
        assertThat(openApi.violations(PROFILE, "GET", answers.ask(kind))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"METHOD_NOT_ALLOWED", "UNKNOWN_METHOD", "UNKNOWN_METHOD_AND_PATH"})
    void everyAnswerToHeadIsAsDocumented(AnswerKind kind) {
        try (RawConnection connection = new RawConnection(answers.service(kind).port())) {
            connection.sendRaw(kind.request("HEAD"));

            assertThat(openApi.violations(PROFILE, "HEAD", connection.read("HEAD")))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyAnswerToABatchIsAsDocumented(BatchKind kind) {
        RawConnection.Response response = answers.ask(kind);

        assertThat(response.status()).isEqualTo(kind.status());
        if (kind.type() != null) {
            assertThat(response.json().path("type").stringValue()).isEqualTo("/problems/" + kind.type());
        }
        assertThat(openApi.violations(Batches.PATH, "POST", response)).isEmpty();
    }

    @Test
    void everyAnswerThatIsDocumentedOfABatchIsGiven() {
        Set<String> given = new TreeSet<>();
        for (BatchKind kind : BatchKind.values()) {
            given.add(kind.status() + " " + (kind.type() == null ? "" : "/problems/" + kind.type()));
        }
        // Given elsewhere: these need a shutdown or a defect.
        given.addAll(Set.of("503 /problems/draining", "500 /problems/internal-error"));
        Set<String> documented = new TreeSet<>();
        openApi.operation(Batches.PATH, "POST").path("responses").properties().forEach(response -> {
            JsonNode content = openApi.resolved(response.getValue()).path("content");
            Set<String> types = content.has("application/problem+json")
                    ? openApi.problemTypes(content.at("/application~1problem+json/schema"))
                    : Set.of("");
            types.forEach(type -> documented.add(response.getKey() + " " + type));
        });

        assertThat(given).isEqualTo(documented);
    }

    @Test
    void aLineThatIsNotDocumentedIsFound() {
        RawConnection.Response good = answers.ask(BatchKind.LINES_COMPLETE);
        RawConnection.Response odd = new RawConnection.Response(
                200, good.headers(), good.body().replaceFirst("\\{\"index\":0,", "{\"index\":0,\"more\":1,"));

        assertThat(openApi.violations(Batches.PATH, "POST", odd)).isNotEmpty();
    }

    @Test
    void aProfileOfAllThatBackendsMayLeaveOutIsAsDocumented() {
        answers.backends().serve("terse");
        answers.backends().answer("user", "terse", okJson("{\"id\":\"terse\",\"name\":\"T\",\"username\":null}"));
        answers.backends().answer("posts", "terse", okJson("[{\"id\":12,\"title\":null}]"));
        answers.backends().answer("friends", "terse", okJson("[]"));

        RawConnection.Response response = service.get("/profiles/terse");

        assertThat(response.body())
                .startsWith("{\"user\":{\"id\":\"terse\",\"name\":\"T\"},\"posts\":[{\"id\":\"12\"}],\"friends\":[]");
        assertThat(openApi.violations(PROFILE, "GET", response)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Prefer: handling=lenient", "Prefer: handling=lenient, wait=2"})
    void aPartialProfileIsAsDocumented(String prefer) {
        RawConnection.Response response = service.get("/profiles/broken", prefer);

        assertThat(response.header("Profile-Complete")).isEqualTo("false");
        assertThat(openApi.violations(PROFILE, "GET", response)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/openapi, /openapi, GET, application/yaml",
        "/openapi, /openapi, GET, application/json",
        "/openapi, /openapi, GET, image/png",
        "/openapi, /openapi, POST, application/yaml",
        "/problems, /problems, GET, text/html",
        "/problems, /problems, GET, image/png",
        "/problems, /problems, DELETE, text/html",
        "/problems/{type}, /problems/bad-id, GET, text/html",
        "/problems/{type}, /problems/bad-id, GET, nonsense",
        "/problems/{type}, /problems/bad-luck, GET, text/html",
        "/problems/{type}, /problems/bad-id, BREW, text/html"
    })
    void theAnswersOfTheDocumentationAreAsDocumented(String path, String target, String method, String accept) {
        RawConnection.Response response = service.request(method, target, "Accept: " + accept);

        assertThat(openApi.violations(path, "GET", response)).isEmpty();
    }

    @Test
    void whatIsNotDocumentedIsFound() {
        Map<String, List<String>> headers = Map.of("content-type", List.of("application/json"), "x-new", List.of("1"));

        assertThat(openApi.violations(PROFILE, "GET", new RawConnection.Response(418, headers, "{}")))
                .containsExactly("418 is not documented for GET " + PROFILE);
        assertThat(openApi.violations(PROFILE, "GET", new RawConnection.Response(200, headers, "{\"more\":1}")))
                .contains("header x-new is not documented", "X-Request-Id is missing")
                .anyMatch(violation -> violation.contains("required property 'user'"))
                .anyMatch(violation -> violation.contains("property 'more'"));
        assertThat(openApi.violations(PROFILE, "GET", new RawConnection.Response(404, headers, "{}")))
                .contains("application/json is not documented for 404");
    }
}
