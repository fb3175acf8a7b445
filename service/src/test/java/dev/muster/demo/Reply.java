package dev.muster.demo;

import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One answer, as read from the connection. */
record Reply(String head, String body) {

    int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    String header(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ": ";
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + head))
                .substring(start.length());
    }

    JsonNode json() {
        return new JsonMapper().readTree(body);
    }
}
