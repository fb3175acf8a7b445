package dev.muster.backend;

import static dev.muster.testing.Answers.assertProblem;

import dev.muster.config.BackendName;
import dev.muster.testing.Backends;
import dev.muster.testing.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backends that do not accept connections. */
class UnreachableTest {
    private final Backends backends = Backends.fresh().serve("ada");

    @ParameterizedTest
    @EnumSource
    void aRefusedConnectionIsBadGateway(BackendName name) throws IOException {
        try (Service service = Service.start(
                backends.baseUri(),
                Map.of("backends." + name.label() + ".base-uri", "http://127.0.0.1:" + portWhereNobodyListens()))) {
            assertProblem(service.get("/profiles/ada"), 502, "backend-failed", name.label());
        }
    }

    @Test
    void aNameThatNobodyKnowsIsBadGateway() {
        try (Service service =
                Service.start(backends.baseUri(), Map.of("backends.posts.base-uri", "http://nowhere.invalid"))) {
            assertProblem(service.get("/profiles/ada"), 502, "backend-failed", "posts");
        }
    }

    private static int portWhereNobodyListens() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
