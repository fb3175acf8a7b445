package dev.muster.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.AnswerKind;
import dev.muster.testing.Await;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Once the port is closed, every answer says that its connection closes, whichever layer gives the answer. */
class LastAnswerTest {
    private static final Map<String, String> PATIENT = Map.of(
            "shutdown.linger", "PT1M", "shutdown.drain", "PT1M", "backends.user.forward-headers", "Authorization");

    /** A request on a connection opened earlier, and the status of its answer. */
    private record Asked(String what, String method, int status, String request, RawConnection client) {}

    @Test
    void everyAnswerIsTheLastOfItsConnection() {
        try (EveryAnswer answers = new EveryAnswer();
                Service service = Service.start(answers.backends().baseUri(), PATIENT)) {
            List<Asked> all = requests(service);
            CompletableFuture<Integer> code = new CompletableFuture<>();
            try (RawConnection canary = new RawConnection(service.port())) {
                canary.send("GET", "/nowhere");
                assertThat(canary.read("GET").headers()).doesNotContainKey("connection");
                Thread.ofPlatform().start(() -> code.complete(service.shutDown()));
                Await.until("the port is closed", () -> {
                    canary.send("GET", "/nowhere");
                    return canary.read("GET").headers().containsKey("connection");
                });
            }

            all.forEach(asked -> asked.client().sendRaw(asked.request()));
            for (Asked asked : all) {
                Response response = asked.client().read(asked.method());
                assertThat(response.status()).as(asked.what()).isEqualTo(asked.status());
                assertThat(response.header("Connection")).as(asked.what()).isEqualTo("close");
            }
            all.forEach(asked -> assertThat(asked.client().isClosedInOrder())
                    .as(asked.what())
                    .isTrue());
            assertThat(Await.result(code)).isZero();
            all.forEach(asked -> asked.client().close());
        }
    }

    private static List<Asked> requests(Service service) {
        List<Asked> all = new ArrayList<>();
        // Another service gives the answer for a backend that takes too long.
        Stream.of(AnswerKind.values())
                .filter(kind -> kind != AnswerKind.TIMED_OUT)
                .forEach(kind -> {
                    all.add(asked(service, kind.name(), kind.method(), kind.status(), kind.request("GET")));
                    // A request line that is not read to its end has no known method.
                    if (kind.method().equals("GET") && kind != AnswerKind.LONG_LINE) {
                        all.add(asked(service, kind + " by HEAD", "HEAD", kind.status(), kind.request("HEAD")));
                    }
                });
        for (String path : List.of("/openapi", "/problems", "/problems/draining")) {
            all.add(asked(service, path, "GET", 200, "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n"));
        }
        all.add(asked(service, "no HTTP", "GET", 400, "nonsense\r\n\r\n"));
        return all;
    }

    private static Asked asked(Service service, String what, String method, int status, String request) {
        return new Asked(what, method, status, request, new RawConnection(service.port()));
    }
}
