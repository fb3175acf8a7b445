package dev.muster.testing;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/** The service, with backends for every {@link AnswerKind} and {@link BatchKind}. */
public final class EveryAnswer implements AutoCloseable {
    private final Backends backends = Backends.fresh();
    /** The system accepts its connections; it never answers. */
    private final ServerSocket silent = silent();

    private final Service service =
            Service.start(backends.baseUri(), Map.of("backends.user.forward-headers", "Authorization"));
    private final Service slow = Service.start(
            backends.baseUri(),
            Map.of(
                    "backends.friends.base-uri",
                    "http://127.0.0.1:" + silent.getLocalPort(),
                    "backends.friends.timeout",
                    "PT0.02S"));

    /** Little memory for batches, and a short timeout for a body. */
    private final Service narrow = Service.start(
            backends.baseUri(), Map.of("bulk.max-buffered-bytes", "65536", "connection.body-timeout", "PT0.1S"));

    public EveryAnswer() {
        for (String id : new String[] {"ada", "unauthorized", "forbidden", "nobody", "broken", "odd", "busy", "late"}) {
            backends.serve(id);
        }
        backends.answer(
                "user",
                "unauthorized",
                aResponse().withStatus(401).withHeader("WWW-Authenticate", "Bearer realm=\"users\""));
        backends.answer("user", "forbidden", 403);
        backends.answer("user", "nobody", 404);
        backends.answer("posts", "broken", 500);
        backends.answer("user", "odd", okJson("{\"id\":\"another\",\"name\":\"Another\"}"));
        backends.answer("posts", "busy", aResponse().withStatus(503).withHeader("Retry-After", "7"));
    }

    private static ServerSocket silent() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Backends backends() {
        return backends;
    }

    /** The service for this kind of answer. */
    public Service service(AnswerKind kind) {
        return kind == AnswerKind.TIMED_OUT ? slow : service;
    }

    /** Asks for an answer of this kind on its own connection, with more header lines. */
    public RawConnection.Response ask(AnswerKind kind, String... headers) {
        try (RawConnection connection = new RawConnection(service(kind).port())) {
            connection.sendRaw(kind.request("GET", headers));
            return connection.read(kind.method());
        }
    }

    /** Asks for an answer of this kind on its own connection. */
    public RawConnection.Response ask(BatchKind kind) {
        Service asked = switch (kind) {
            case TIMED_OUT -> slow;
            case NO_ROOM, BODY_TOO_SLOW -> narrow;
            default -> service;
        };
        try (RawConnection connection = new RawConnection(asked.port())) {
            connection.sendRaw(kind.wire());
            return connection.read("POST");
        }
    }

    @Override
    public void close() {
        try (service;
                slow;
                narrow;
                silent) {
            // Each service is closed, even if closing another fails.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
