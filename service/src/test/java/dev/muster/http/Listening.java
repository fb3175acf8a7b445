package dev.muster.http;

import dev.muster.config.AppConfig.ConnectionConfig;
import dev.muster.connection.Cut;
import dev.muster.connection.PortObserver;
import dev.muster.request.RequestBody;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The tests' own listeners, for endpoints and limits that the service does not have. */
final class Listening {
    /** Limits that no test reaches on a slow machine. */
    static final ConnectionConfig WIDE = new ConnectionConfig(
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            1000,
            Duration.ofMinutes(1),
            1000);

    private Listening() {}

    static HttpListener start(List<Endpoint> endpoints, RequestObserver observer) throws IOException {
        return start(WIDE, endpoints, observer, _ -> {});
    }

    static HttpListener start(
            ConnectionConfig limits, List<Endpoint> endpoints, RequestObserver observer, Consumer<Cut> cuts)
            throws IOException {
        return HttpListener.start(
                new HttpListener.Settings("test", "127.0.0.1", 0, limits, 1000, false),
                endpoints,
                observer,
                cuts,
                new Unobserved());
    }

    private static final class Unobserved implements PortObserver {
        @Override
        public void failed() {}

        @Override
        public void recovered() {}

        @Override
        public void lost(String why) {}
    }

    /** The body of a request. */
    static byte[] readBody(ServerRequest request) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        RequestBody.read(request, body);
        return body.toByteArray();
    }
}
