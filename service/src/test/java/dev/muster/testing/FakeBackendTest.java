package dev.muster.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.BackendName;
import dev.muster.testing.FakeBackend.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An extra call, or a path of no backend, fails the test at once. */
class FakeBackendTest {
    /** Shorter than the wait for a call that is still to come. */
    private static final int AT_ONCE_SECONDS = 20;

    private static void call(FakeBackend backend, String target) {
        try (RawConnection connection = new RawConnection(backend.port())) {
            connection.send("GET", target);
            connection.read("GET");
        }
    }

    @Test
    @Timeout(AT_ONCE_SECONDS)
    void oneCallTooManyFailsAtOnceAndIsNamed() {
        try (FakeBackend backend = FakeBackend.start(Call::answerWell)) {
            call(backend, "/users/ada");
            backend.awaitCalls(1);
            call(backend, "/posts?userId=ada");

            assertThatThrownBy(() -> backend.awaitCalls(1))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("more arrived than one call: [/users/ada, /posts?userId=ada]");
        }
    }

    @Test
    @Timeout(AT_ONCE_SECONDS)
    void aRequestIsACallToEachBackendAndNoMore() {
        try (FakeBackend backend = FakeBackend.start(Call::answerWell)) {
            BackendName.ALL.forEach(name -> call(backend, name.resource("ada")));
            backend.awaitRequests(1);
            call(backend, "/users/bob");

            assertThatThrownBy(() -> backend.awaitRequests(1))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("more arrived than the " + BackendName.ALL.size() + " calls of 1 request: ")
                    .hasMessageEndingWith(", /users/bob]");
        }
    }

    @Test
    void aPathThatNoBackendHasFailsTheTest() {
        FakeBackend backend = FakeBackend.start(Call::answerWell);
        try (RawConnection connection = new RawConnection(backend.port())) {
            connection.send("GET", "/nobody");
            backend.awaitClosed(1);
        }

        assertThatThrownBy(backend::close)
                .isInstanceOf(AssertionError.class)
                .hasRootCauseMessage("no backend has the path /nobody");
    }
}
