package dev.muster.connection;

import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.http.DirectTransportRequest;
import org.jspecify.annotations.Nullable;

/** What a head must be beyond what Helidon asks of it; and how a request is refused that has not come to its route. */
final class HeadCheck {
    private static final HeaderName NO_NAME = HeaderNames.create("");

    private HeadCheck() {}

    /** Refuses targets with a fragment, and those that are URIs without a path (RFC 9112 section 3.2). */
    static void check(HttpPrologue prologue) {
        if (prologue.fragment().hasValue() || prologue.uriPath().path() == null) {
            throw refusal(Status.BAD_REQUEST_400, prologue, WritableHeaders.create());
        }
    }

    /** Refuses headers without a name, and ports with a sign (RFC 9112 sections 5 and 3.2). */
    static void check(@Nullable HttpPrologue prologue, Headers headers) {
        String host = headers.get(HeaderNames.HOST).get();
        char first = host.charAt(host.lastIndexOf(':') + 1);
        if (first == '+' || first == '-' || headers.contains(NO_NAME)) {
            throw refusal(Status.BAD_REQUEST_400, prologue, headers);
        }
    }

    /** The end of a connection: Helidon answers it with a problem, which names the request as far as it is known. */
    static RequestException refusal(Status status, @Nullable HttpPrologue prologue, Headers headers) {
        RequestException.Builder refusal = RequestException.builder()
                .type(status.code() < 500 ? EventType.BAD_REQUEST : EventType.OTHER)
                .status(status)
                .setKeepAlive(false);
        if (prologue != null) {
            refusal.request(DirectTransportRequest.create(prologue, headers));
        }
        return refusal.build();
    }
}
