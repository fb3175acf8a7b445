package dev.muster.testing;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import dev.muster.config.BackendName;

/**
 * All backends in one WireMock. All tests share it, as its start takes seconds. It answers well for each id it serves,
 * unless a test asks for another answer.
 */
public final class Backends {
    private static final WireMockServer SHARED =
            new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1").containerThreads(64));

    private final WireMockServer server;

    private Backends(WireMockServer server) {
        this.server = server;
    }

    /** Backends without any id and without calls. */
    public static synchronized Backends fresh() {
        if (!SHARED.isRunning()) {
            SHARED.start();
            SHARED.addMockServiceRequestListener((request, response) -> report(request.getUrl(), response.getStatus()));
        }
        SHARED.resetAll();
        return new Backends(SHARED);
    }

    /** WireMock itself reports nothing when it answers 404 because no stub matches. */
    private static void report(String target, int status) {
        if (status == 404 && BackendName.ALL.stream().noneMatch(backend -> backend.isAt(target))) {
            System.err.println("Backends: no backend has the path " + target);
        }
    }

    public String baseUri() {
        return "http://127.0.0.1:" + server.port();
    }

    public WireMockServer wireMock() {
        return server;
    }

    /** Makes all backends answer well for {@code id}. */
    public Backends serve(String id) {
        BackendName.ALL.forEach(
                backend -> server.stubFor(call(backend, id).willReturn(okJson(GoodBodies.of(backend, id)))));
        return this;
    }

    /** Makes one backend give another answer for {@code id}. */
    public void answer(String backend, String id, ResponseDefinitionBuilder response) {
        server.stubFor(call(BackendNames.of(backend), id).atPriority(1).willReturn(response));
    }

    /** Makes one backend answer {@code id} with {@code status} and a small JSON body. */
    public void answer(String backend, String id, int status) {
        answer(
                backend,
                id,
                aResponse()
                        .withStatus(status)
                        .withHeader("Content-Type", "application/json")
                        .withBody("{}"));
    }

    /** The number of calls to all backends. */
    public int calls() {
        return server.getAllServeEvents().size();
    }

    private static MappingBuilder call(BackendName backend, String id) {
        return get(urlEqualTo(backend.resource(id)));
    }
}
