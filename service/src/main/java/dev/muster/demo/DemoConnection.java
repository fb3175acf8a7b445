package dev.muster.demo;

import dev.muster.config.BackendName;
import dev.muster.demo.Faults.Delivery;
import dev.muster.demo.Faults.Known;
import dev.muster.demo.Faults.Unknown;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

/**
 * Serves one socket: answers one request after the other, with the faults in its id.
 *
 * <p>Used by its own virtual thread alone. An interrupt of this thread closes the socket, which ends every wait.
 */
final class DemoConnection implements Runnable {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String EXAMPLES =
            BackendName.ALL.stream().map(name -> name.resource("ada")).collect(Collectors.joining(" or "));
    private static final Duration DRIP = Duration.ofMillis(100);

    private final Socket socket;
    private final DemoAnswers answers;
    private final Wire wire = new Wire();

    DemoConnection(Socket socket, DemoAnswers answers) {
        this.socket = socket;
        this.answers = answers;
    }

    @Override
    public void run() {
        try (socket;
                wire) {
            socket.setTcpNoDelay(true);
            wire.bind(socket);
            boolean open = true;
            while (open && !Thread.currentThread().isInterrupted()) {
                open = serve();
            }
        } catch (IOException | HttpException e) {
            // The client has gone, or close() was called: there is nobody to tell.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers one request. False if there was none or the connection is to close. */
    private boolean serve() throws IOException, HttpException, InterruptedException {
        ClassicHttpRequest request = wire.receiveRequestHeader();
        if (request == null) {
            return false;
        }
        wire.receiveRequestEntity(request);
        EntityUtils.consume(request.getEntity());
        String target = request.getPath();
        if (!request.getMethod().equals("GET")) {
            return send(request, Answer.error(405, "only GET is served here").with("Allow", "GET"));
        }
        BackendName backend = BackendName.ALL.stream()
                .filter(name -> name.isAt(target))
                .findFirst()
                .orElse(null);
        if (backend == null) {
            return send(request, Answer.error(404, "try " + EXAMPLES));
        }
        String id = backend.id(target);
        if (!ID.matcher(id).matches()) {
            return send(request, Answer.error(400, "an id is " + ID.pattern()));
        }
        return switch (Faults.parse(id, backend)) {
            case Unknown unknown -> send(request, DemoAnswers.unknown(unknown));
            case Known faults -> serve(request, backend, id, faults);
        };
    }

    private boolean serve(ClassicHttpRequest request, BackendName backend, String id, Known faults)
            throws IOException, HttpException, InterruptedException {
        if (faults.delay().isPositive()) {
            pause(faults.delay());
        }
        return deliver(request, answers.answer(backend, id, faults), faults.delivery());
    }

    private boolean send(ClassicHttpRequest request, Answer answer)
            throws IOException, HttpException, InterruptedException {
        return deliver(request, answer, Delivery.WHOLE);
    }

    /** Delivers an answer, or a fault in its place. False if the connection is to close. */
    private boolean deliver(ClassicHttpRequest request, Answer answer, Delivery delivery)
            throws IOException, HttpException, InterruptedException {
        var response = Response.to(request, answer);
        OutputStream out = socket.getOutputStream();
        byte[] bytes = response.bytes();
        int head = response.headLength();
        switch (delivery) {
            case WHOLE -> out.write(bytes);
            // In one write: the second answer is there before the client has read the first.
            case TWICE -> out.write(twice(bytes));
            case DRIP -> drip(out, bytes, head);
            case CUT -> out.write(bytes, 0, head + (bytes.length - head) / 2);
            case GARBAGE -> out.write(garbage());
            case HANG -> awaitEnd();
            case RESET -> wire.close(CloseMode.IMMEDIATE);
            case EMPTY -> {}
        }
        return response.keepAlive() && delivery.keepsOpen();
    }

    private static byte[] twice(byte[] bytes) {
        byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
        System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
        return twice;
    }

    private static byte[] garbage() {
        byte[] garbage = new byte[256];
        new Random(1).nextBytes(garbage);
        return garbage;
    }

    private void drip(OutputStream out, byte[] bytes, int head) throws IOException, InterruptedException {
        out.write(bytes, 0, head);
        for (int i = head; i < bytes.length; i++) {
            pause(DRIP);
            out.write(bytes[i]);
        }
    }

    /** Waits at least this long. Ends the connection as soon as the client goes. */
    private void pause(Duration time) throws IOException, InterruptedException {
        try {
            if (!wire.awaitInput(Timeout.of(time))) {
                throw new ConnectionClosedException();
            }
            // The next request is here already, so the socket no longer shows whether the client goes.
            Thread.sleep(time);
        } catch (SocketTimeoutException e) {
            // The time is over.
        }
    }

    private void awaitEnd() throws IOException {
        InputStream in = socket.getInputStream();
        while (in.read() >= 0) {
            // Nobody reads further requests.
        }
    }

    /** HttpCore's connection, with its wait for input made visible. */
    private static final class Wire extends DefaultBHttpServerConnection {

        // Heads are short, and there are thousands of open connections.
        private static final Http1Config SMALL =
                Http1Config.custom().setBufferSize(2048).build();

        Wire() {
            super(null, SMALL);
        }

        @Override
        protected boolean awaitInput(Timeout timeout) throws IOException {
            return super.awaitInput(timeout);
        }
    }
}
