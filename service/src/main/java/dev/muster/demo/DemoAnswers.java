package dev.muster.demo;

import dev.muster.demo.Orders.Body;
import dev.muster.demo.Orders.Content;
import dev.muster.demo.Orders.Many;
import dev.muster.demo.Orders.NotUnderstood;
import dev.muster.demo.Orders.Status;
import dev.muster.demo.Orders.Understood;
import dev.muster.demo.Person.Friend;
import dev.muster.demo.Person.Post;
import dev.muster.demo.Person.User;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Makes what a backend says about an id: the data, or what was ordered in its place. Immutable. */
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

    static Answer notUnderstood(NotUnderstood orders) {
        return Answer.error(400, "order not understood: '" + orders.order() + "'; " + Orders.ALLOWED);
    }

    Answer answer(Backend backend, String id, Understood orders) {
        Person person = data.find(orders.person());
        return person == null
                ? Answer.error(404, "there is no " + orders.person())
                : answer(backend, id, person, orders.content());
    }

    private Answer answer(Backend backend, String id, Person person, Content content) {
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

    /** A status of 2xx comes with the data, or a client that takes 206 for 200 would go unnoticed. */
    private Answer status(int code, Backend backend, String id, Person person) {
        if (code < 300) {
            byte[] json = json(backend, id, person);
            Answer answer = Answer.json(code, json);
            return code == 206
                    ? answer.with("Content-Range", "bytes 0-" + (json.length - 1) + "/" + (json.length + 1))
                    : answer;
        }
        Answer answer = Answer.error(code, "status " + code + ", as ordered");
        return switch (code) {
            // Where a client that follows finds good data, so that following shows.
            case 301, 302, 303, 307, 308 -> answer.with("Location", backend.target(person.id()));
            case 401 -> answer.with("WWW-Authenticate", "Bearer realm=\"demo\"");
            case 429, 503 -> answer.with("Retry-After", "7");
            default -> answer;
        };
    }

    private byte[] json(Backend backend, String id, Person person) {
        return JSON.writeValueAsBytes(
                switch (backend) {
                    case USER -> data.user(person, id);
                    case POSTS -> data.posts(person);
                    case FRIENDS -> data.friends(person);
                });
    }

    private byte[] wrong(Backend backend, String id, Person person) {
        return JSON.writeValueAsBytes(
                switch (backend) {
                    case USER -> data.user(person, "not-" + id);
                    case POSTS -> Map.of("posts", data.posts(person));
                    case FRIENDS -> Map.of("friends", data.friends(person));
                });
    }

    private byte[] withNull(Backend backend, String id, Person person) {
        return JSON.writeValueAsBytes(
                switch (backend) {
                    case USER -> withoutName(data.user(person, id));
                    case POSTS -> withFirst(new Post(null, null, "", "en"), data.posts(person));
                    case FRIENDS -> withFirst(new Friend(null, null), data.friends(person));
                });
    }

    private static User withoutName(User user) {
        return new User(user.id(), null, user.username(), user.email(), user.city(), user.occupation());
    }

    private static <T> List<T> withFirst(T first, List<T> others) {
        var all = new ArrayList<T>(others);
        all.set(0, first);
        return all;
    }

    private static byte[] half(byte[] whole) {
        return Arrays.copyOf(whole, whole.length / 2);
    }

    /** Blanks before JSON are still JSON, and a reader cannot stop early as it could with blanks after it. */
    private static byte[] big(byte[] json) {
        byte[] big = new byte[BIG];
        Arrays.fill(big, (byte) ' ');
        System.arraycopy(json, 0, big, BIG - json.length, json.length);
        return big;
    }
}
