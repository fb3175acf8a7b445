package dev.muster.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.backend.CallContext;
import dev.muster.config.ConfigLoader;
import dev.muster.config.InvalidConfig;
import dev.muster.testing.Await;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.WritableHeaders;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The part of a request that its threads share. */
class RequestHeadTest {
    private static Headers ofThisThreadOnly(Headers headers) {
        Thread owner = Thread.currentThread();
        return (Headers) Proxy.newProxyInstance(
                Headers.class.getClassLoader(), new Class<?>[] {Headers.class}, (_, method, arguments) -> {
                    if (!Thread.currentThread().equals(owner)) {
                        throw new AssertionError("another thread asks for " + method.getName());
                    }
                    try {
                        return method.invoke(headers, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** The headers to forward, where two of the backends list these. */
    private static ForwardedHeaders forwarded(String user, String posts) {
        try {
            Map<String, String> settings = new HashMap<>(
                    Map.of("backends.user.forward-headers", user, "backends.posts.forward-headers", posts));
            settings.put("backends.base-uri", "http://localhost");
            return ForwardedHeaders.of(ConfigLoader.load(null, Map.of(), settings)
                    .config()
                    .backends()
                    .values());
        } catch (InvalidConfig e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whereNoBackendIsPassedAnyNothingIsMade() {
        WritableHeaders<?> headers = WritableHeaders.create();
        headers.add(HeaderNames.create("X-Tag"), "a");

        assertThat(RequestHead.of("GET", "/", headers)
                        .callContext(forwarded("", ""))
                        .forwarded())
                .isSameAs(Map.of());
    }

    @Test
    void branchesNeverTouchTheRequestsHeaders() {
        WritableHeaders<?> headers = WritableHeaders.create();
        headers.add(HeaderNames.create("X-Tag"), "a, b");
        headers.add(HeaderNames.create("X-Tag"), "c");
        headers.add(HeaderNames.create("X-Request-Id"), "id-1");
        headers.add(HeaderNames.create("traceparent"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        headers.add(HeaderNames.create("tracestate"), "congo=t61rcWkgMzE");
        RequestHead head = RequestHead.of("GET", "/profiles/ada", ofThisThreadOnly(headers));
        CallContext context = head.callContext(forwarded("X-Tag,X-Other", "x-tag"));

        CompletableFuture<CallContext> asked = CompletableFuture.supplyAsync(
                () -> {
                    // As a branch or a worker does.
                    assertThat(context.forwarded())
                            .containsOnly(
                                    Map.entry("X-Tag", List.of("a, b", "c")), Map.entry("x-tag", List.of("a, b", "c")));
                    assertThat(context.requestId()).isEqualTo("id-1");
                    assertThat(context.traceparent()).startsWith("00-");
                    assertThat(context.tracestate()).isEqualTo("congo=t61rcWkgMzE");
                    return context.asBulk();
                },
                Thread::startVirtualThread);

        assertThat(Await.result(asked).forwarded()).isSameAs(context.forwarded());
    }
}
