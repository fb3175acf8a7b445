package dev.muster.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** One answer before delivery. Immutable; nobody writes to the shared bytes. */
final class Answer {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Header JSON_TYPE = new BasicHeader("Content-Type", "application/json");
    private static final Header HTML_TYPE = new BasicHeader("Content-Type", "text/html; charset=utf-8");

    private static final byte[] NOTHING = {};

    private final int status;
    private final byte[] body;
    private final List<Header> headers;

    private Answer(int status, byte[] body, List<Header> headers) {
        this.status = status;
        this.body = body;
        this.headers = headers;
    }

    static Answer json(int status, byte[] json) {
        return new Answer(status, json, List.of(JSON_TYPE));
    }

    static Answer html(byte[] html) {
        return new Answer(200, html, List.of(HTML_TYPE));
    }

    static Answer error(int status, String error) {
        return json(status, JSON.writeValueAsBytes(Map.of("error", error)));
    }

    Answer with(String name, String value) {
        var more = new ArrayList<>(headers);
        more.add(new BasicHeader(name, value));
        return new Answer(status, body, List.copyOf(more));
    }

    int status() {
        return status;
    }

    /** The body; null for a status without body and length. */
    byte @Nullable [] body() {
        return switch (status) {
            case 204, 304 -> null;
            case 205 -> NOTHING;
            default -> body;
        };
    }

    List<Header> headers() {
        return headers;
    }
}
