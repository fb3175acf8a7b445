package dev.muster;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Script;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many calls at once: those of one request, and those of many requests. */
class ConcurrencyTest {
    private static final int REQUESTS = 1000;
    private static final int CONNECTIONS = 32;

    private final Map<String, FakeBackend> backends = new HashMap<>();
    private Service service;

    private void start(Script script) {
        Map<String, String> settings = new HashMap<>();
        settings.put("backends.max-connections", Integer.toString(CONNECTIONS));
        for (String name : BackendNames.LABELS) {
            FakeBackend backend = FakeBackend.start(script);
            backends.put(name, backend);
            settings.put("backends." + name + ".base-uri", backend.baseUri());
        }
        service = Service.start(settings.get("backends.user.base-uri"), settings);
    }

    @AfterEach
    void stop() {
        service.close();
        backends.values().forEach(FakeBackend::close);
    }

    @Test
    void theCallsOfARequestOverlap() {
        CyclicBarrier all = new CyclicBarrier(BackendNames.CALLS_OF_A_REQUEST);
        start(call -> {
            all.await(10, TimeUnit.SECONDS);
            call.answerWell();
        });

        assertProfile(service.get("/profiles/ada"), "ada");
    }

    @Test
    void aThousandRequestsAtOnceEachGetTheirOwnAnswerOverFewConnections() {
        Map<String, CountDownLatch> full = new HashMap<>();
        BackendNames.LABELS.forEach(name -> full.put(name, new CountDownLatch(CONNECTIONS)));
        start(call -> {
            // Every allowed connection must carry a call before any is answered.
            full.get(call.backend()).countDown();
            Await.latch(full.get(call.backend()));
            call.answerWell();
        });

        List<Response> answers = requestAll(REQUESTS);

        for (int i = 0; i < REQUESTS; i++) {
            assertProfile(answers.get(i), "id-" + i);
        }
        for (String name : BackendNames.LABELS) {
            assertThat(backends.get(name).mostOpen()).as(name).isEqualTo(CONNECTIONS);
            assertThat(backends.get(name).accepted()).as(name).isEqualTo(CONNECTIONS);
        }
        assertNoConnectionIsLost();
    }

    @Test
    void callsCancelledByTheirSiblingsLoseNoConnection() {
        start(call -> {
            if (call.isFor("posts") && Integer.parseInt(call.id().substring(3)) % 3 == 0) {
                call.status(500);
            } else {
                call.answerWell();
            }
        });

        List<Response> answers = requestAll(300);

        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).status()).isEqualTo(i % 3 == 0 ? 502 : 200);
        }
        assertNoConnectionIsLost();
    }

    private List<Response> requestAll(int count) {
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(service.getAsync("/profiles/id-" + i));
        }
        return answers.stream().map(Await::result).toList();
    }

    private void assertNoConnectionIsLost() {
        for (String name : BackendNames.LABELS) {
            assertThat(service.connections(name, "active")).as(name).isZero();
            assertThat(service.waiting(name)).as(name).isZero();
        }
        assertProfile(service.get("/profiles/id-1"), "id-1");
    }
}
