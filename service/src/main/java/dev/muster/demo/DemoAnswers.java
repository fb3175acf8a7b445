package dev.muster.demo;

import dev.muster.config.BackendName;
import dev.muster.demo.Faults.Body;
import dev.muster.demo.Faults.Content;
import dev.muster.demo.Faults.Known;
import dev.muster.demo.Faults.Many;
import dev.muster.demo.Faults.Status;
import dev.muster.demo.Faults.Unknown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a backend's answer about an id: the data, or a fault in its place. Immutable. */
final class DemoAnswers {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int BIG = 2 << 20;
    private static final byte[] HTML =
            "<!doctype html><title>Not what you asked for</title><p>Please log in.".getBytes(StandardCharsets.UTF_8);

    private final DemoData data;

    DemoAnswers(DemoData data) {
        this.data = data;
    }

    static DemoAnswers load() throws IOException {
        return new DemoAnswers(DemoData.load());
    }

    static Answer unknown(Unknown fault) {
        return Answer.error(400, "unknown fault: '" + fault.part() + "'; " + Faults.ALLOWED);
    }

    Answer answer(BackendName backend, String id, Known faults) {
        Person person = data.find(faults.person());
        return person == null
                ? Answer.error(404, "there is no " + faults.person())
                : answer(backend, id, person, faults.content());
    }

    private Answer answer(BackendName backend, String id, Person person, Content content) {
        return switch (content) {
            case Status(int code) -> status(code, backend, id, person);
            case Many(int items) -> Answer.json(200, json(backend, id, DemoData.withItems(person, items)));
            case Body.DATA -> Answer.json(200, json(backend, id, person));
            case Body.HTML -> Answer.html(HTML);
            case Body.NOJSON -> Answer.json(200, half(json(backend, id, person)));
            case Body.WRONG -> Answer.json(200, wrong(backend, id, person));
            case Body.NULL -> Answer.json(200, withNull(backend, id, person));
            case Body.BIG -> Answer.json(200, big(json(backend, id, person)));
        };
    }

    /** 2xx comes with the data. Otherwise nobody would notice a client that takes 206 for 200. */
    private Answer status(int code, BackendName backend, String id, Person person) {
        if (code < 300) {
            byte[] json = json(backend, id, person);
            Answer answer = Answer.json(code, json);
            return code == 206
                    ? answer.with("Content-Range", "bytes 0-" + (json.length - 1) + "/" + (json.length + 1))
                    : answer;
        }
        Answer answer = Answer.error(code, "status " + code + ", as asked for");
        return switch (code) {
            // The target has good data, so a client that follows is noticed.
            case 301, 302, 303, 307, 308 -> answer.with("Location", backend.resource(person.id()));
            case 401 -> answer.with("WWW-Authenticate", "Bearer realm=\"demo\"");
            case 429, 503 -> answer.with("Retry-After", "7");
            default -> answer;
        };
    }

    private byte[] json(BackendName backend, String id, Person person) {
        return JSON.writeValueAsBytes(data.of(backend, person, id));
    }

    private JsonNode tree(BackendName backend, String id, Person person) {
        return JSON.valueToTree(data.of(backend, person, id));
    }

    private byte[] wrong(BackendName backend, String id, Person person) {
        JsonNode tree = tree(backend, id, person);
        return JSON.writeValueAsBytes(
                tree instanceof ObjectNode one
                        ? one.put("id", "not-" + id)
                        : JSON.createObjectNode().set(backend.label(), tree));
    }

    private byte[] withNull(BackendName backend, String id, Person person) {
        JsonNode tree = tree(backend, id, person);
        if (tree instanceof ArrayNode list) {
            list.insertObject(0).putNull("id");
        } else if (tree instanceof ObjectNode one) {
            one.putNull("id");
        }
        return JSON.writeValueAsBytes(tree);
    }

    private static byte[] half(byte[] whole) {
        return Arrays.copyOf(whole, whole.length / 2);
    }

    /** Blanks before JSON are valid. After it, a reader could stop early. */
    private static byte[] big(byte[] json) {
        byte[] big = new byte[BIG];
        Arrays.fill(big, (byte) ' ');
        System.arraycopy(json, 0, big, BIG - json.length, json.length);
        return big;
    }
}
