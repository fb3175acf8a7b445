package dev.muster.backend;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.FakeBackend.Script;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.Service;
import dev.muster.testing.SocketTable;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bytes after an answer. The next call must not take them for its answer, as nothing in posts would show that. */
class UnsolicitedAnswerTest {
    private static final String OF_EVE = Call.jsonAnswer(GoodBodies.posts("eve"));

    private final FakeBackend others = FakeBackend.start(Call::answerWell);
    private FakeBackend posts;
    private Service service;

    private void start(Script script) {
        posts = FakeBackend.start(script);
        service = Service.start(others.baseUri(), Map.of("backends.posts.base-uri", posts.baseUri()));
    }

    @AfterEach
    void stop() {
        service.close();
        posts.close();
        others.close();
    }

    @Test
    void aSecondAnswerInTheSameWriteIsGivenToNobody() {
        start(call -> call.send(Call.jsonAnswer(call.goodBody()) + (call.connection() == 1 ? OF_EVE : "")));

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");

        posts.awaitClosed(1);
        assertThat(posts.calls()).extracting(Call::connection).containsExactly(1, 2);
    }

    @Test
    void aSecondAnswerLongerThanAllBuffersIsGivenToNobody() {
        String long2 = Call.jsonAnswer("[" + " ".repeat(30_000) + "]") + OF_EVE;
        start(call -> call.send(Call.jsonAnswer(call.goodBody()) + (call.connection() == 1 ? long2 : "")));

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");

        posts.awaitClosed(1);
    }

    @Test
    void aSecondAnswerBehindAChunkedOneIsGivenToNobody() {
        start(call -> {
            String body = call.goodBody();
            String chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
            call.send(chunked + (call.connection() == 1 ? OF_EVE : ""));
        });

        assertProfile(service.get("/profiles/ada"), "ada");
        assertProfile(service.get("/profiles/bob"), "bob");

        posts.awaitClosed(1);
    }

    @Test
    void aSecondAnswerThatArrivesWhileTheConnectionIsIdleIsGivenToNobody() {
        CountDownLatch idle = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        start(call -> {
            call.answerWell();
            if (call.connection() == 1) {
                idle.await();
                call.send(OF_EVE);
                sent.countDown();
            }
        });
        assertProfile(service.get("/profiles/ada"), "ada");
        idle.countDown();
        Await.latch(sent);
        SocketTable.awaitBytes(posts.calls().getFirst().peerPort(), posts.port());

        assertProfile(service.get("/profiles/bob"), "bob");

        posts.awaitClosed(1);
        assertThat(posts.calls()).extracting(Call::connection).containsExactly(1, 2);
    }

    @Test
    void aSingleByteIsEnough() {
        CountDownLatch idle = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        start(call -> {
            call.answerWell();
            if (call.connection() == 1) {
                idle.await();
                call.send("\r");
                sent.countDown();
            }
        });
        assertProfile(service.get("/profiles/ada"), "ada");
        idle.countDown();
        Await.latch(sent);
        SocketTable.awaitBytes(posts.calls().getFirst().peerPort(), posts.port());

        assertProfile(service.get("/profiles/bob"), "bob");

        posts.awaitClosed(1);
    }
}
