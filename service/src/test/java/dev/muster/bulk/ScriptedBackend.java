package dev.muster.bulk;

import dev.muster.testing.Await;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** All backends. The start of an id decides the answer. An id can be held until it is let go. */
final class ScriptedBackend implements AutoCloseable {
    private static final String POSTS_OF = "posts of ";

    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private final FakeBackend backend = FakeBackend.start(this::answer);
    private final String largeText;

    ScriptedBackend() {
        this(0);
    }

    /** @param largeBytes the size of the posts of ids that begin with "large" */
    ScriptedBackend(int largeBytes) {
        this.largeText = "x".repeat(largeBytes);
    }

    String baseUri() {
        return backend.baseUri();
    }

    FakeBackend calls() {
        return backend;
    }

    /** Holds the user call of each id until it is let go. */
    ScriptedBackend hold(String... ids) {
        for (String id : ids) {
            held.put(id, new CountDownLatch(1));
        }
        return this;
    }

    /** Holds the posts call of an id until the backend closes. */
    ScriptedBackend holdPosts(String id) {
        held.put(POSTS_OF + id, new CountDownLatch(1));
        return this;
    }

    void letGo(String... ids) {
        for (String id : ids) {
            held.get(id).countDown();
        }
    }

    /** The ids that the user backend was asked for, in the order of the calls. */
    List<String> asked() {
        return backend.calls().stream()
                .filter(call -> call.isFor("user"))
                .map(Call::id)
                .toList();
    }

    /** Waits until the user backend was asked for each of these ids. */
    void awaitAsked(String... ids) {
        Await.until("it was asked for " + List.of(ids), () -> asked().containsAll(List.of(ids)));
    }

    private void answer(Call call) throws Exception {
        CountDownLatch latch =
                held.get(call.isFor("user") ? call.id() : call.isFor("posts") ? POSTS_OF + call.id() : "nothing");
        if (latch != null) {
            Await.latch(latch);
        }
        switch (call.id().replaceAll("[^a-z].*", "")) {
            case "nobody" -> answerUnless(call, "user", 404);
            case "broken" -> answerUnless(call, "user", 500);
            case "busy" -> answerUnless(call, "user", 503);
            case "partial" -> answerUnless(call, "posts", 500);
            case "large" -> answerLarge(call);
            default -> call.answerWell();
        }
    }

    private static void answerUnless(Call call, String backend, int status) throws Exception {
        if (call.isFor(backend)) {
            call.status(status);
        } else {
            call.answerWell();
        }
    }

    private void answerLarge(Call call) throws Exception {
        if (call.isFor("posts")) {
            call.json("[{\"id\":\"p-%s\",\"body\":\"%s\"}]".formatted(call.id(), largeText));
        } else {
            call.answerWell();
        }
    }

    @Override
    public void close() {
        held.values().forEach(CountDownLatch::countDown);
        backend.close();
    }
}
