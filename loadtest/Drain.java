import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Says whether a stop or a rollout of an HTTP/1.1 service lost anything that its clients had sent. */
final class Drain {
    private static final int EX_USAGE = 64;
    private static final int EX_UNAVAILABLE = 69;

    private Drain() {}

    public static void main(String[] args) throws Exception {
        // A client that a fault has ended would lose nothing more, and so make the report too good.
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> {
            e.printStackTrace();
            System.exit(1);
        });
        System.exit(run(args));
    }

    private static int run(String[] args) throws IOException, InterruptedException {
        if (List.of(args).contains("--help")) {
            System.out.print(Options.HELP);
            return 0;
        }
        Options options;
        try {
            options = Options.parse(args);
        } catch (BadOption e) {
            System.err.println("drain: " + e.getMessage());
            return EX_USAGE;
        }
        Target target;
        try {
            target = Target.of(options);
            target.probe(options.path());
        } catch (IOException e) {
            System.err.println("drain: no answer from " + options.target() + " before the command: " + e);
            return EX_UNAVAILABLE;
        }
        Tally tally = new Tally();
        Ended command = new Load(options, target, tally).run();
        Report report = tally.report(command);
        report.print(System.out);
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), report.json());
        }
        return report.isClean() ? 0 : 1;
    }
}

/** What is wrong with the command line, in one line. */
final class BadOption extends Exception {
    private static final long serialVersionUID = 1;

    BadOption(String name, String value, String allowed) {
        super("bad " + name + " '" + value.replaceAll("\\p{Cntrl}", "?") + "'; allowed: " + allowed);
    }
}

/** What was asked for on the command line. */
record Options(
        URI target,
        String during,
        Duration before,
        Duration after,
        int fast,
        int sparse,
        int slow,
        String slowPath,
        int rate,
        Duration late,
        Duration giveUp,
        String expect,
        Optional<Path> json) {
    static final String HELP = """
        loadtest/drain --target URL --during 'COMMAND' [options]

        Loads URL, runs COMMAND with sh -c, goes on with the load, and says what became of every request.
        No request is ever sent twice.

          --before S      seconds of load before the command: 0 to 3600; 2 by default
          --after S       seconds of load after the command's end: 0 to 3600; 3 by default
          --fast N        connections that ask again as soon as they have the answer: 0 to 10000; 16 by default
          --sparse N      connections that ask every 0.3 to 1.5 s: 0 to 10000; 16 by default
          --slow N        connections that ask --slow-path: 0 to 10000; 8 by default
          --slow-path P   a path that takes long to answer; without it there are no slow connections
          --rate R        requests a second, each on a new connection: 0 to 10000; 50 by default
          --late S        seconds after which an answer is late: 0.001 to 300; 2 by default
          --give-up S     seconds after which an answer that has not ended is lost: 0.001 to 300; 30 by default
          --expect TEXT   what the body of every answer with 2xx must contain
          --json FILE     where the figures go as one JSON object, besides standard output

        Exit codes: 0 nothing lost and nothing wrong; 1 something lost or wrong, or the command failed;
        64 a bad command line; 69 no answer from URL before the command, or no JDK 25.
        """;

    private static final List<String> NAMES = List.of(
            "--target",
            "--during",
            "--before",
            "--after",
            "--fast",
            "--sparse",
            "--slow",
            "--slow-path",
            "--rate",
            "--late",
            "--give-up",
            "--expect",
            "--json");
    private static final int MOST = 10_000;

    static Options parse(String[] args) throws BadOption {
        Map<String, String> given = given(args);
        String slowPath = given.getOrDefault("--slow-path", "");
        if (slowPath.isEmpty() && given.containsKey("--slow")) {
            throw new BadOption("--slow", given.get("--slow"), "only with --slow-path");
        }
        if (!slowPath.matches("(/[!-~]*)?")) {
            throw new BadOption("--slow-path", slowPath, "a path in ASCII that begins with / and has no blanks");
        }
        Options options = new Options(
                target(given.getOrDefault("--target", "")),
                given.getOrDefault("--during", ""),
                seconds(given, "--before", "2", "0", "3600"),
                seconds(given, "--after", "3", "0", "3600"),
                number(given, "--fast", 16),
                number(given, "--sparse", 16),
                slowPath.isEmpty() ? 0 : number(given, "--slow", 8),
                slowPath,
                number(given, "--rate", 50),
                seconds(given, "--late", "2", "0.001", "300"),
                seconds(given, "--give-up", "30", "0.001", "300"),
                given.getOrDefault("--expect", ""),
                json(given));
        if (options.during.isBlank()) {
            throw new BadOption("--during", options.during, "a command for sh -c");
        }
        if (options.fast + options.sparse + options.slow + options.rate == 0) {
            throw new BadOption("--rate", "0", "1 or more where there are no other clients");
        }
        return options;
    }

    private static Map<String, String> given(String[] args) throws BadOption {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!NAMES.contains(args[i])) {
                throw new BadOption("option", args[i], String.join(", ", NAMES) + ", --help");
            }
            if (i + 1 == args.length) {
                throw new BadOption(args[i], "", "a value after it, --help lists which");
            }
            if (given.put(args[i], args[i + 1]) != null) {
                throw new BadOption(args[i], args[i + 1], "once");
            }
        }
        return given;
    }

    private static URI target(String value) throws BadOption {
        try {
            URI target = new URI(value);
            if ("http".equalsIgnoreCase(target.getScheme())
                    && target.getHost() != null
                    && target.getUserInfo() == null
                    && target.getFragment() == null
                    && target.getPort() != 0
                    && target.getPort() <= 65_535
                    && value.matches("[!-~]+")) {
                return target;
            }
        } catch (URISyntaxException e) {
            // Said below, as for every other value that is no URL of a service.
        }
        throw new BadOption("--target", value, "http://HOST[:PORT][/PATH][?QUERY] in ASCII");
    }

    private static int number(Map<String, String> given, String name, int otherwise) throws BadOption {
        String value = given.getOrDefault(name, Integer.toString(otherwise));
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > MOST) {
            throw new BadOption(name, value, "a whole number from 0 to " + MOST);
        }
        return Integer.parseInt(value);
    }

    private static Duration seconds(Map<String, String> given, String name, String otherwise, String min, String max)
            throws BadOption {
        String value = given.getOrDefault(name, otherwise);
        if (value.matches("[0-9]{1,4}(\\.[0-9]{1,3})?")) {
            Duration duration = Duration.parse("PT" + value + "S");
            if (duration.compareTo(Duration.parse("PT" + min + "S")) >= 0
                    && duration.compareTo(Duration.parse("PT" + max + "S")) <= 0) {
                return duration;
            }
        }
        throw new BadOption(name, value, "seconds from " + min + " to " + max + ", with at most three decimals");
    }

    /** Emptied at once: what an earlier run has left there must not be taken for this one's. */
    private static Optional<Path> json(Map<String, String> given) throws BadOption {
        if (!given.containsKey("--json")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.writeString(Path.of(given.get("--json")), ""));
        } catch (IOException e) {
            throw new BadOption("--json", given.get("--json"), "a file that can be written");
        }
    }

    String path() {
        String path = target.getRawPath().isEmpty() ? "/" : target.getRawPath();
        return target.getRawQuery() == null ? path : path + "?" + target.getRawQuery();
    }
}

/** Where all requests go: the name's first address, looked up once, so that no lookup slows or fails a request. */
record Target(InetSocketAddress address, String host, Duration giveUp, String expect) {
    static Target of(Options options) throws UnknownHostException {
        URI url = options.target();
        InetAddress address = InetAddress.getByName(url.getHost());
        return new Target(
                new InetSocketAddress(address, url.getPort() < 0 ? 80 : url.getPort()),
                url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort(),
                options.giveUp(),
                options.expect());
    }

    /** Returns if it answers anything at all. */
    void probe(String path) throws IOException {
        try (Connection connection = Connection.open(this)) {
            connection.send(request(path));
            connection.answer();
        }
    }

    byte[] request(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: drain\r\nAccept: */*\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}

/** Keeps the clients at work before, during and after the command. */
final class Load {
    private final Options options;
    private final Target target;
    private final Tally tally;
    private final CountDownLatch over = new CountDownLatch(1);

    Load(Options options, Target target, Tally tally) {
        this.options = options;
        this.target = target;
        this.tally = tally;
    }

    /** Returns when the last request has its outcome. */
    Ended run() throws IOException, InterruptedException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            tally.begin();
            start(clients, Kind.FAST, options.fast(), options.path());
            start(clients, Kind.SPARSE, options.sparse(), options.path());
            start(clients, Kind.SLOW, options.slow(), options.slowPath());
            Thread arrivals = Thread.startVirtualThread(() -> arrivals(clients));
            try {
                Thread.sleep(options.before());
                Ended command = Command.run(options.during());
                Thread.sleep(options.after());
                return command;
            } finally {
                tally.end();
                over.countDown();
                // Before the clients are closed, which then accept none.
                arrivals.join();
            }
        }
    }

    private void start(ExecutorService clients, Kind kind, int count, String path) {
        for (int i = 0; i < count; i++) {
            clients.execute(() -> new Client(kind, options, target, path, this, tally).askUntilOver());
        }
    }

    /** Starts requests when they are due, however long the ones before them take. */
    private void arrivals(ExecutorService clients) {
        if (options.rate() == 0) {
            return;
        }
        long begun = System.nanoTime();
        long due = begun;
        for (long i = 1; pause(Duration.ofNanos(due - System.nanoTime())); i++) {
            long since = due;
            clients.execute(
                    () -> new Client(Kind.ARRIVAL, options, target, options.path(), this, tally).askOnce(since));
            due = begun + i * 1_000_000_000L / options.rate();
        }
    }

    boolean isOver() {
        return over.getCount() == 0;
    }

    /** Waits for that time or until the load is over; false when it is over. */
    boolean pause(Duration time) {
        try {
            return !over.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

/** How the command ended, and when it had begun. */
record Ended(long begun, int exit, Duration took) {}

/** Runs the command, and ends it where this process is ended first. */
final class Command {
    private Command() {}

    static Ended run(String command) throws IOException, InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(Command::end));
        long begun = System.nanoTime();
        // What it prints goes to standard error, because standard output is the report's alone.
        Process process = new ProcessBuilder("sh", "-c", "exec sh -c \"$1\" >&2", "sh", command)
                .inheritIO()
                .start();
        int exit = process.waitFor();
        return new Ended(begun, exit, Duration.ofNanos(System.nanoTime() - begun));
    }

    /** The shell first, as this list has it: else it would go on with its next command. */
    private static void end() {
        List<ProcessHandle> running = ProcessHandle.current().descendants().toList();
        running.forEach(ProcessHandle::destroy);
    }
}

/** How a client asks. */
enum Kind {
    FAST,
    SPARSE,
    SLOW,
    ARRIVAL;

    Duration gap() {
        return this == SPARSE ? Duration.ofMillis(ThreadLocalRandom.current().nextInt(300, 1501)) : Duration.ZERO;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

/** One client with at most one connection, which asks and tells the tally what became of each request. */
final class Client {
    private static final Duration RETRY = Duration.ofMillis(20);

    private final Kind kind;
    private final Options options;
    private final Target target;
    private final byte[] request;
    private final Load load;
    private final Tally tally;
    private Connection connection;

    Client(Kind kind, Options options, Target target, String path, Load load, Tally tally) {
        this.kind = kind;
        this.options = options;
        this.target = target;
        this.request = target.request(path);
        this.load = load;
        this.tally = tally;
    }

    void askUntilOver() {
        while (!load.isOver()) {
            load.pause(ask(System.nanoTime()) ? kind.gap() : RETRY);
        }
        drop();
    }

    void askOnce(long due) {
        ask(due);
        drop();
    }

    /** False where no connection could be had. */
    private boolean ask(long since) {
        if (!isSentOnKeptConnection() && !isSentOnNewConnection()) {
            return false;
        }
        try {
            Answer answer = connection.answer();
            answered(answer, Duration.ofNanos(System.nanoTime() - since));
            if (answer.closes()) {
                drop();
            }
        } catch (IOException e) {
            tally.failed(Connection.isReset(e) ? Outcome.RESET : Outcome.LOST, note(connection.seen(e)));
            drop();
        }
        return true;
    }

    /** What the server did to a connection that was idle is no loss. */
    private boolean isSentOnKeptConnection() {
        return connection != null && connection.isQuiet() && connection.send(request);
    }

    private boolean isSentOnNewConnection() {
        drop();
        try {
            connection = Connection.open(target);
            if (connection.send(request)) {
                return true;
            }
            tally.failed(Outcome.REFUSED, note("broken before the first byte was written"));
        } catch (IOException e) {
            tally.failed(Outcome.REFUSED, note(e.getMessage()));
        }
        drop();
        return false;
    }

    private void answered(Answer answer, Duration latency) {
        Outcome outcome = answer.outcome(latency, options.late());
        tally.answered(outcome, latency);
        if (outcome == Outcome.WRONG) {
            tally.note(outcome, note("status " + answer.status() + ", " + answer.length() + " bytes of body"));
        }
    }

    private Note note(String seen) {
        return new Note(System.nanoTime(), kind, seen);
    }

    private void drop() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}

/** One TCP connection: a request is written on it once or not at all. */
final class Connection implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(2);

    private final SocketChannel channel;
    private final Duration giveUp;
    private final AnswerReader reader;
    private int answers;
    private long asked;
    private long received;

    private Connection(SocketChannel channel, Target target) throws IOException {
        this.channel = channel;
        this.giveUp = target.giveUp();
        this.reader = new AnswerReader(new BufferedInputStream(new Incoming()), new Search(target.expect()));
    }

    static Connection open(Target target) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(target.address(), Math.toIntExact(CONNECT.toMillis()));
            // Where nobody listens on a port that the system hands out to clients, TCP may join a client to itself.
            if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
                throw new ConnectException("nobody but this client itself");
            }
            return new Connection(channel, target);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Whether the server has neither closed the connection nor said anything unasked. Between this look and the write
     * a FIN can still arrive: a request that crosses it is lost, and counted so, because no client can do better.
     */
    boolean isQuiet() {
        try {
            channel.configureBlocking(false);
            int read = channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(true);
            return read == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** False where the connection was broken before the first byte was written. */
    boolean send(byte[] request) {
        asked = System.nanoTime();
        received = 0;
        ByteBuffer rest = ByteBuffer.wrap(request);
        try {
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        } catch (IOException e) {
            // Where a part was written, the wait for an answer tells what became of it.
        }
        return rest.position() > 0;
    }

    Answer answer() throws IOException {
        Answer answer = reader.read();
        answers++;
        return answer;
    }

    String seen(IOException e) {
        return e.getMessage() + " after " + received + " bytes of the answer, and " + answers + " answers before it";
    }

    /** The JDK's own words for a reset, in every language. */
    static boolean isReset(IOException e) {
        return e instanceof SocketException && "Connection reset".equals(e.getMessage());
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // All that was wanted from it has been read.
        }
    }

    /** What the server sends, counted, and only for as long as an answer may take in all. */
    private final class Incoming extends FilterInputStream {
        Incoming() throws IOException {
            super(channel.socket().getInputStream());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            long left = giveUp.minusNanos(System.nanoTime() - asked).toMillis();
            if (left <= 0) {
                throw noEnd();
            }
            channel.socket().setSoTimeout(Math.toIntExact(left));
            try {
                int read = super.read(bytes, offset, length);
                received += Math.max(0, read);
                return read;
            } catch (SocketTimeoutException e) {
                throw noEnd();
            }
        }

        private SocketTimeoutException noEnd() {
            return new SocketTimeoutException("no end in " + giveUp.toMillis() + " ms");
        }
    }
}

/** What cannot be the answer of an HTTP/1.1 server. */
final class Garbage extends IOException {
    private static final long serialVersionUID = 1;

    Garbage(String what) {
        super(what);
    }
}

/** Finds a text in bytes that pass by, so that none need be kept. */
final class Search {
    private final byte[] text;
    // For each length of a match, how much of it remains one where the next byte does not fit (Knuth, Morris, Pratt).
    private final int[] shorter;
    private int matched;

    Search(String text) {
        this.text = text.getBytes(StandardCharsets.UTF_8);
        this.shorter = new int[this.text.length + 1];
        for (int i = 1; i < this.text.length; i++) {
            shorter[i + 1] = longer(shorter[i], this.text[i]);
        }
    }

    void begin() {
        matched = 0;
    }

    void see(byte[] bytes, int count) {
        for (int i = 0; i < count && !isFound(); i++) {
            matched = longer(matched, bytes[i]);
        }
    }

    boolean isFound() {
        return matched == text.length;
    }

    private int longer(int match, byte next) {
        int kept = match;
        while (kept > 0 && text[kept] != next) {
            kept = shorter[kept];
        }
        return text[kept] == next ? kept + 1 : 0;
    }
}

/** Tells a complete answer from a cut one, and takes nothing for an answer that RFC 9112 does not. */
final class AnswerReader {
    private static final int MAX_LINE = 16_384;
    private static final int MAX_HEADERS = 1_000;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([1-5][0-9]{2})( [^\\x00\\r\\n]*)?");
    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\\x00\\r\\n]*)");
    private static final Pattern LENGTH = Pattern.compile("([0-9]{1,18})");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})[ \\t]*(;[^\\x00\\r\\n]*)?");

    private final InputStream in;
    private final Search expected;
    private final byte[] buffer = new byte[2_048];

    AnswerReader(InputStream in, Search expected) {
        this.in = in;
        this.expected = expected;
    }

    Answer read() throws IOException {
        int status;
        Map<String, String> headers;
        do {
            status = Integer.parseInt(match(STATUS, line(), "status line").group(1));
            headers = headers();
        } while (status < 200);
        expected.begin();
        long length = body(status, headers);
        if (in.available() > 0) {
            throw new Garbage("bytes beyond the answer's end");
        }
        return new Answer(status, headers, length, expected.isFound());
    }

    /** By name in lower case; the values of a repeated one with commas between. */
    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        int count = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (++count > MAX_HEADERS) {
                throw new Garbage("more than " + MAX_HEADERS + " headers");
            }
            Matcher header = match(HEADER, line, "header");
            String value = header.group(2).strip();
            headers.merge(header.group(1).toLowerCase(Locale.ROOT), value, (first, next) -> first + ", " + next);
        }
        return headers;
    }

    private long body(int status, Map<String, String> headers) throws IOException {
        if (status == 204 || status == 304) {
            return 0;
        }
        String length = headers.get("content-length");
        String coding = headers.get("transfer-encoding");
        // Without either the body ends with the connection, and a cut body looks like a whole one.
        if ((length == null) == (coding == null)) {
            throw new Garbage(
                    length == null
                            ? "neither Content-Length nor Transfer-Encoding"
                            : "both Content-Length and Transfer-Encoding");
        }
        if (length != null) {
            return pass(Long.parseLong(match(LENGTH, length, "Content-Length").group(1)));
        }
        if (!coding.equalsIgnoreCase("chunked")) {
            throw new Garbage("bad Transfer-Encoding " + quoted(coding));
        }
        return chunks();
    }

    private long chunks() throws IOException {
        long length = 0;
        for (long size = chunkSize(); size > 0; size = chunkSize()) {
            length += pass(size);
            if (!line().isEmpty()) {
                throw new Garbage("a chunk longer than its size");
            }
        }
        headers();
        return length;
    }

    private long chunkSize() throws IOException {
        return Long.parseLong(match(CHUNK, line(), "chunk size").group(1), 16);
    }

    /** Reads so many bytes of the body. */
    private long pass(long count) throws IOException {
        for (long left = count; left > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                throw end();
            }
            expected.see(buffer, read);
            left -= read;
        }
        return count;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int last = -1;
        for (int b = in.read(); b != '\n' || last != '\r'; b = in.read()) {
            if (b < 0) {
                throw end();
            }
            if (line.size() > MAX_LINE) {
                throw new Garbage("a line of more than " + MAX_LINE + " bytes");
            }
            line.write(b);
            last = b;
        }
        return line.toString(StandardCharsets.ISO_8859_1).substring(0, line.size() - 1);
    }

    private static EOFException end() {
        return new EOFException("EOF");
    }

    private static Matcher match(Pattern pattern, String text, String what) throws Garbage {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw new Garbage("bad " + what + " " + quoted(text));
        }
        return matcher;
    }

    private static String quoted(String text) {
        return "'" + text.substring(0, Math.min(text.length(), 80)).replaceAll("[^ -~]", "?") + "'";
    }
}

/** A complete answer, its headers' names in lower case. */
record Answer(int status, Map<String, String> headers, long length, boolean isExpected) {
    boolean closes() {
        return Arrays.stream(headers.getOrDefault("connection", "").split(","))
                .anyMatch(token -> token.strip().equalsIgnoreCase("close"));
    }

    Outcome outcome(Duration latency, Duration late) {
        if (status == 503 && headers.containsKey("retry-after")) {
            return Outcome.TURNED_AWAY;
        }
        if (status / 100 != 2 || !isExpected) {
            return Outcome.WRONG;
        }
        return latency.compareTo(late) > 0 ? Outcome.LATE : Outcome.OK;
    }
}

/** What can become of a request. */
enum Outcome {
    OK,
    LATE,
    TURNED_AWAY,
    WRONG,
    LOST,
    RESET,
    REFUSED
}

/** What was seen where a request failed. */
record Note(long at, Kind kind, String seen) {
    String line(Outcome outcome, long zero) {
        String name = outcome.name().toLowerCase(Locale.ROOT);
        return String.format(Locale.ROOT, "%-9s%+.3f s, %s: %s", name, (at - zero) / 1e9, kind, seen);
    }
}

/** Counts what all clients see. */
final class Tally {
    private static final int NOTES = 10;
    private static final long TENTH_OF_MILLI = 100_000;

    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private final Map<Outcome, List<Note>> notes = new EnumMap<>(Outcome.class);
    // By tenths of a millisecond, because a rollout of minutes has too many answers to keep each; the last is for more.
    private final long[] latencies = new long[400_000];
    private Duration slowest = Duration.ZERO;
    private Duration longestPause = Duration.ZERO;
    private boolean isLoaded;
    private long lastAnswer;

    synchronized void begin() {
        isLoaded = true;
        lastAnswer = System.nanoTime();
    }

    /** What is answered from here on ends no pause: nobody asks any more. */
    synchronized void end() {
        endPause();
        isLoaded = false;
    }

    /** A complete answer, whatever it says. */
    synchronized void answered(Outcome outcome, Duration latency) {
        outcomes.merge(outcome, 1L, Long::sum);
        latencies[(int) Math.min(latency.toNanos() / TENTH_OF_MILLI, latencies.length - 1)]++;
        slowest = max(slowest, latency);
        endPause();
    }

    synchronized void failed(Outcome outcome, Note note) {
        outcomes.merge(outcome, 1L, Long::sum);
        note(outcome, note);
    }

    synchronized void note(Outcome outcome, Note note) {
        List<Note> first = notes.computeIfAbsent(outcome, _ -> new ArrayList<>());
        if (first.size() < NOTES) {
            first.add(note);
        }
    }

    private void endPause() {
        if (isLoaded) {
            long now = System.nanoTime();
            longestPause = max(longestPause, Duration.ofNanos(now - lastAnswer));
            lastAnswer = now;
        }
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    synchronized Report report(Ended command) {
        long lost = count(Outcome.LOST, Outcome.RESET);
        long wrong = count(Outcome.WRONG);
        long answered = count(Outcome.OK, Outcome.LATE, Outcome.TURNED_AWAY, Outcome.WRONG);
        List<Figure> figures = List.of(
                new Count("requests", "requests", answered + lost),
                new Count("ok", "ok", count(Outcome.OK)),
                new Count("lost", "lost", lost),
                new Count("reset", "reset", count(Outcome.RESET)),
                new Count("refused", "refused", count(Outcome.REFUSED)),
                new Count("late", "late", count(Outcome.LATE)),
                new Count("turned away", "turnedAway", count(Outcome.TURNED_AWAY)),
                new Count("wrong", "wrong", wrong),
                new Time("p50", "p50Ms", percentile(50, answered)),
                new Time("p99", "p99Ms", percentile(99, answered)),
                new Time("max", "maxMs", slowest),
                new Time("longest pause", "longestPauseMs", longestPause),
                new Count("command's exit", "commandExit", command.exit()),
                new Time("command took", "commandMs", command.took()));
        List<String> seen = new ArrayList<>();
        notes.forEach((outcome, some) -> some.forEach(note -> seen.add(note.line(outcome, command.begun()))));
        return new Report(figures, seen, lost == 0 && wrong == 0 && command.exit() == 0);
    }

    private long count(Outcome... which) {
        return Arrays.stream(which)
                .mapToLong(outcome -> outcomes.getOrDefault(outcome, 0L))
                .sum();
    }

    private Duration percentile(int percent, long answered) {
        long rank = Math.ceilDiv(answered * percent, 100L);
        int tenths = 0;
        for (long seen = latencies[0]; seen < rank; seen += latencies[tenths]) {
            tenths++;
        }
        return Duration.ofNanos(tenths * TENTH_OF_MILLI);
    }
}

/** One line of the report, and one member of the JSON object. */
sealed interface Figure {
    String name();

    String jsonName();

    String value();

    String unit();
}

/** How many. */
record Count(String name, String jsonName, long count) implements Figure {
    @Override
    public String value() {
        return Long.toString(count);
    }

    @Override
    public String unit() {
        return "";
    }
}

/** How long. */
record Time(String name, String jsonName, Duration time) implements Figure {
    @Override
    public String value() {
        return String.format(Locale.ROOT, "%.1f", time.toNanos() / 1e6);
    }

    @Override
    public String unit() {
        return " ms";
    }
}

/** What is said at the end. */
record Report(List<Figure> figures, List<String> notes, boolean isClean) {
    void print(PrintStream out) {
        figures.forEach(
                figure -> out.printf(Locale.ROOT, "%-15s %s%s%n", figure.name(), figure.value(), figure.unit()));
        notes.forEach(out::println);
    }

    String json() {
        return figures.stream()
                .map(figure -> "\"" + figure.jsonName() + "\": " + figure.value())
                .collect(Collectors.joining(", ", "{", "}\n"));
    }
}
