package dev.muster.http;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The bytes that a client sends on one connection: a damaged request, or a request whose damaged body looks like
 * requests.
 *
 * @param number counted from 0
 * @param bytes one for each character up to U+00FF
 * @param statuses those of the answers; empty if the damage may have changed the request in any way
 */
record FuzzCase(int number, String bytes, List<Integer> statuses) {
    /** No id in a call to a backend may contain this. */
    static final String HIDDEN_ID = "smuggled";

    private static final String VERSION = " HTTP/1.1\r\nHost: test\r\n";
    private static final String GRACE = "GET /profiles/grace" + VERSION + "\r\n";
    private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String NASTY = "\r\n\0 \t:;,\"%/?#0123456789\u007f\u0080\u0085\u00a0\u00ff";
    private static final int MOST_BYTES = 24;

    private static final List<String> LINES = List.of(
            "Content-Length: 0\r\n",
            "Content-Length: 5\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Expect: 100-continue\r\n",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
            "Host: other\r\n",
            "Authorization: Basic \u00e9\t\u0001\r\n",
            " folded\r\n",
            "\r\n");

    private static final List<FuzzCase> GOOD = numbered(
            good("GET /profiles/ada", "", 200),
            good("HEAD /profiles/ada", "", 200),
            good(
                    "GET /profiles/ada",
                    "Prefer: handling=lenient, wait=9\r\nAccept: application/json;q=0.9, */*;q=0.1\r\n"
                            + "X-Request-Id: fuzz-1\r\ntraceparent: 00-" + TRACE_ID + "-00f067aa0ba902b7-01\r\n",
                    200),
            good("GET /profiles/ada", "Authorization: Bearer a.b\r\nX-Envoy-Expected-Rq-Timeout-Ms: 9000\r\n", 200),
            good("GET /profiles/nobody", "", 404),
            good("GET /profiles/a%20b", "", 400),
            good("GET /nowhere?a=b&c", "", 404),
            good("OPTIONS /profiles/ada", "", 405),
            good("GET http://test/profiles/ada", "", 200),
            good("GET /openapi", "Accept: text/plain;q=0.5, application/json\r\n", 200),
            good("GET /profiles/ada", "Connection: close\r\n", 200),
            pair(length("POST /profiles/ada", "", "name=Ada"), 405),
            pair(length("GET /profiles/ada", "", "name=Ada"), 200),
            good("POST /profiles/ada", "Expect: 100-continue\r\nContent-Length: 4\r\n", 405),
            new FuzzCase(0, chunks("POST /nowhere", "name", "=Ada Lovelace, 1815"), List.of(404)),
            pair(chunks("GET /profiles/ada", "name=Ada"), 200),
            pair("GET /profiles/ada" + VERSION + "\r\n", 200),
            pair("HEAD /profiles/nobody" + VERSION + "\r\n", 404));

    private static FuzzCase good(String target, String lines, int status) {
        return new FuzzCase(0, target + VERSION + lines + "\r\n", List.of(status));
    }

    /** A request with another right behind it, which is answered too. */
    private static FuzzCase pair(String request, int status) {
        return new FuzzCase(0, request + GRACE, List.of(status, 200));
    }

    private static String length(String target, String lines, String body) {
        return target + VERSION + lines + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String chunks(String target, String... chunks) {
        StringBuilder request = new StringBuilder(target + VERSION + "Transfer-Encoding: chunked\r\n\r\n");
        for (String chunk : chunks) {
            request.append(Integer.toHexString(chunk.length()))
                    .append("\r\n")
                    .append(chunk)
                    .append("\r\n");
        }
        return request.append("0\r\n\r\n").toString();
    }

    private static List<FuzzCase> numbered(FuzzCase... cases) {
        return IntStream.range(0, cases.length)
                .mapToObj(i -> new FuzzCase(i, cases[i].bytes, cases[i].statuses))
                .toList();
    }

    /** The requests before any damage. */
    static List<FuzzCase> undamaged() {
        return GOOD;
    }

    /** These requests, and one without a body that must have just these answers, or any if none is given. */
    static List<FuzzCase> undamagedAnd(String requestLine, Integer... statuses) {
        return Stream.concat(
                        GOOD.stream(),
                        Stream.of(new FuzzCase(GOOD.size(), requestLine + VERSION + "\r\n", List.of(statuses))))
                .toList();
    }

    /** Draws a case: mostly damaged anywhere, with any answer allowed; less often damaged in the body only. */
    static FuzzCase draw(int number, Random random) {
        return random.nextInt(4) == 0 ? damagedInBody(number, random) : damaged(number, random);
    }

    private static FuzzCase damaged(int number, Random random) {
        StringBuilder bytes = new StringBuilder(one(GOOD, random).bytes);
        for (int times = 1 + random.nextInt(4); times > 0; times--) {
            damage(bytes, random);
        }
        return new FuzzCase(number, bytes.toString(), List.of());
    }

    private static void damage(StringBuilder bytes, Random random) {
        int at = spot(bytes, random);
        int end = Math.min(bytes.length(), at + 1 + random.nextInt(MOST_BYTES));
        switch (random.nextInt(9)) {
            case 0 -> flip(bytes, random);
            case 1 -> bytes.insert(at, nasty(random));
            case 2 -> overwrite(bytes, random);
            case 3 -> bytes.delete(at, end);
            case 4 -> bytes.insert(spot(bytes, random), bytes.substring(at, end));
            case 5 -> swap(bytes, random);
            case 6 -> bytes.setLength(at);
            case 7 -> {
                String other = one(GOOD, random).bytes;
                bytes.replace(at, bytes.length(), other.substring(random.nextInt(other.length())));
            }
            default -> bytes.insert(bytes.indexOf("\n", at) + 1, one(LINES, random));
        }
    }

    /** Bytes change or change places, but their number stays, so the framing stays valid. */
    private static void damageInPlace(StringBuilder body, Random random) {
        switch (random.nextInt(3)) {
            case 0 -> flip(body, random);
            case 1 -> overwrite(body, random);
            default -> swap(body, random);
        }
    }

    private static FuzzCase damagedInBody(int number, Random random) {
        String hidden = "GET /profiles/" + HIDDEN_ID + "-" + number + VERSION + "\r\n";
        StringBuilder drawn = new StringBuilder(hidden + "0\r\n\r\n" + hidden + "\r\n" + hidden);
        for (int times = 1 + random.nextInt(4); times > 0; times--) {
            damageInPlace(drawn, random);
        }
        String body = drawn.toString();
        int middle = 1 + random.nextInt(body.length() - 1);
        String[] halves = {body.substring(0, middle), body.substring(middle)};
        FuzzCase made = switch (random.nextInt(9)) {
            case 0 -> pair(length("POST /profiles/ada", "", body), 405);
            case 1 -> pair(length("GET /profiles/ada", "", body), 200);
            case 2 -> pair(length("PUT /nowhere", "", body), 404);
            case 3 -> pair(length("GET /profiles/a%2e", "", body), 400);
            case 4 -> pair(length("BREW /profiles/ada", "", body), 501);
            case 5 -> new FuzzCase(0, length("GET /profiles/ada", "Connection: close\r\n", body) + GRACE, List.of(200));
            case 6 -> new FuzzCase(0, length("POST /openapi", "Expect: 100-continue\r\n", body), List.of(405));
            case 7 -> pair(chunks("POST /problems", halves), 405);
            default -> new FuzzCase(0, chunks("GET /profiles/ada", halves), List.of(200));
        };
        return new FuzzCase(number, made.bytes, made.statuses);
    }

    private static void flip(StringBuilder bytes, Random random) {
        if (!bytes.isEmpty()) {
            int at = random.nextInt(bytes.length());
            bytes.setCharAt(at, (char) (bytes.charAt(at) ^ (1 << random.nextInt(8))));
        }
    }

    private static void overwrite(StringBuilder bytes, Random random) {
        if (!bytes.isEmpty()) {
            bytes.setCharAt(random.nextInt(bytes.length()), nasty(random));
        }
    }

    private static void swap(StringBuilder bytes, Random random) {
        int[] cuts = {spot(bytes, random), spot(bytes, random), spot(bytes, random), spot(bytes, random)};
        Arrays.sort(cuts);
        String first = bytes.substring(cuts[0], cuts[1]);
        String between = bytes.substring(cuts[1], cuts[2]);
        String second = bytes.substring(cuts[2], cuts[3]);
        bytes.replace(cuts[0], cuts[3], second + between + first);
    }

    private static int spot(StringBuilder bytes, Random random) {
        return random.nextInt(bytes.length() + 1);
    }

    private static char nasty(Random random) {
        return NASTY.charAt(random.nextInt(NASTY.length()));
    }

    private static <T> T one(List<T> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }

    /** The number and the bytes, as a line that people can read and type. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder("case " + number + ": \"");
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            switch (c) {
                case '\r' -> line.append("\\r");
                case '\n' -> line.append("\\n");
                case '"', '\\' -> line.append('\\').append(c);
                default -> line.append(c < ' ' || c > '~' ? "\\u00%02x".formatted((int) c) : Character.toString(c));
            }
        }
        return line.append('"').toString();
    }
}
