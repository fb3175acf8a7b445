package dev.muster.connection;

import dev.muster.concurrent.Deadline;
import dev.muster.config.AppConfig.ConnectionConfig;
import dev.muster.connection.PhaseTimer.Phase;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: Helidon speaks HTTP on it, the guard limits each wait and ends the connection.
 *
 * <p>Four threads meet here. The connection's own thread reads, serves and writes; only this thread changes the phase.
 * The guard's thread looks at the phase periodically and acts on timeouts. The thread of {@link ClientInput} notices
 * a client that goes during its request. A newcomer's thread ends the idle connection to take its {@link Places place}.
 */
public final class GuardedConnection implements Places.Holder {
    /** How long we discard the client's bytes, so that the client can read its last answer (RFC 9112 section 9.6). */
    private static final Duration LINGER = Duration.ofMillis(500);

    private static final byte[] NOTHING = new byte[0];
    private static final ScopedValue<GuardedConnection> CURRENT = ScopedValue.newInstance();

    private final ConnectionGuard guard;
    private final ConnectionConfig limits;
    private final Receiving receiving;
    private final PhaseTimer timer;
    private final Pause pause;
    private final ClientInput input;
    private final DataReader reader = DataReader.create(this::pull);
    private final ServerConnection http1;
    /** Run when the client goes: by any thread, once. */
    private final AtomicReference<@Nullable Runnable> onGone = new AtomicReference<>();
    /** Set when the connection is ended while idle; stays set. */
    private volatile boolean leaving;

    // Both used by the connection's own thread only.
    private final Incoming incoming = new Incoming();
    private boolean rejected;

    GuardedConnection(
            ConnectionGuard guard,
            HelidonSocket socket,
            SocketChannel channel,
            ListenerContext context,
            Router router,
            ThreadFactory inputThreads) {
        this.guard = guard;
        this.limits = guard.limits();
        this.receiving = new Receiving(channel);
        this.timer = new PhaseTimer(limits.idleTimeout());
        this.pause = new Pause(timer);
        this.input = new ClientInput(socket, inputThreads, this::gone);
        GuardedWriter writer = new GuardedWriter(socket, timer, limits.writeTimeout());
        this.http1 = guard.http1(new GuardedContext(this, context, router, socket, reader, writer));
    }

    /** The connection whose request this thread serves. */
    public static GuardedConnection current() {
        return CURRENT.get();
    }

    void handle(Limit limit) throws InterruptedException {
        rejected = !guard.admit(this);
        try {
            ScopedValue.where(CURRENT, this).call(() -> {
                http1.handle(limit);
                return this;
            });
        } finally {
            linger();
            input.close();
            guard.release(this);
        }
    }

    /** Helidon's reader asks for more bytes. */
    private byte[] pull() {
        if (rejected) {
            guard.cut(Cut.REFUSED);
            throw incoming.rejection(Status.SERVICE_UNAVAILABLE_503);
        }
        Phase waiting = expect();
        byte[] bytes = waiting == Phase.IDLE ? input.read() : input.readWithin();
        if (bytes == null) {
            if (input.isGivenUp()) {
                throw incoming.rejection(
                        guard.isGivingUp() ? Status.SERVICE_UNAVAILABLE_503 : Status.REQUEST_TIMEOUT_408);
            }
            throw new CloseConnectionException("the client has closed the connection, or kept it idle for too long");
        }
        switch (waiting) {
            case IDLE -> {
                headBegins(0);
                incoming.headGrows(bytes);
            }
            case HEAD -> incoming.headGrows(bytes);
            default -> incoming.bodyGrows(bytes);
        }
        return bytes;
    }

    /** Enters the phase of the next read, unless it is the present one, and returns it. */
    private Phase expect() {
        if (timer.phase() == Phase.SERVING) {
            if (incoming.isBodyAwaited()) {
                timer.enter(Phase.BODY, limits.bodyTimeout());
            } else {
                pause.makeIfDue();
                if (incoming.pipelined() > 0) {
                    headBegins(incoming.pipelined());
                } else {
                    timer.enter(Phase.IDLE, limits.idleTimeout());
                }
            }
        }
        if (timer.phase() == Phase.HEAD) {
            incoming.requireHeadMayGrow();
        }
        return timer.phase();
    }

    private void headBegins(int bytes) {
        incoming.headBegins(bytes);
        timer.enter(Phase.HEAD, limits.headTimeout());
    }

    void requestLineRead(HttpPrologue line) {
        incoming.requestLineRead(line, peek(reader.available()));
    }

    void headRead(Headers head) {
        boolean whole = incoming.headRead(head);
        timer.enter(Phase.SERVING, whole ? limits.clientGoneAfter() : null);
        input.hopeAgain();
        closeAfterThisIf(head);
    }

    /**
     * The request's body is about to be read.
     *
     * @throws RequestException if the body breaks the rules; reading the body may throw it, too
     */
    public void bodyBegins() {
        incoming.bodyGrows(peek(reader.available()));
    }

    /** The next received bytes; they stay unread. */
    private byte[] peek(int length) {
        return length == 0 ? NOTHING : reader.getBuffer(length).readBytes();
    }

    /** The request's body has been read to its end. */
    public void bodyRead() {
        incoming.bodyRead();
        timer.enter(Phase.SERVING, limits.clientGoneAfter());
        input.hopeAgain();
    }

    /** Helidon begins to write an answer with {@code head}. */
    void answering(Headers head) {
        // After the answer to an unreadable head Helidon closes the connection itself.
        int pipelined = reader.available();
        if (incoming.answering(pipelined, peek(Math.min(pipelined, MethodCheck.LONGEST)))) {
            closeAfterThisIf(head);
        }
    }

    /** Helidon announces the end of the connection, but does not close it. */
    private void closeAfterThisIf(Headers head) {
        if (head.containsToken(HeaderValues.CONNECTION_CLOSE)) {
            http1.close(false);
        }
    }

    /** Runs {@code action}, at most once, if the client goes before {@link #served()}. */
    public void serving(Runnable action) {
        onGone.set(action);
    }

    public void served() {
        onGone.set(null);
    }

    /** The request was rejected for load. After too many rejections a pause comes before the next read. */
    public void rejectedForLoad() {
        pause.due(guard.rejectsTooMany());
    }

    private void gone() {
        Runnable action = onGone.getAndSet(null);
        if (action != null) {
            action.run();
        }
    }

    /** Whether the service accepts no more connections, as it shuts down. */
    public boolean isClosing() {
        return guard.isClosing();
    }

    /** Whether this connection serves no further request; its answers must say so. */
    public boolean isLeaving() {
        return leaving || guard.isClosing();
    }

    /** Handles a phase that had taken too long by {@code now}. */
    void lookAfter(Deadline now) {
        timer.check(now, this::tookTooLong);
        endIfUnwanted();
    }

    /** Ends a phase that no connection may stay in any more. */
    void endIfUnwanted() {
        Set<Phase> unwanted = guard.unwanted();
        if (!unwanted.isEmpty()) {
            timer.cutShort(unwanted, this::drained);
        }
    }

    @Override
    public @Nullable Deadline idleUntil() {
        return timer.idleUntil();
    }

    @Override
    public boolean evict(Deadline idleUntil) {
        return timer.cutShort(idleUntil, _ -> cutIdle(Cut.EVICTED));
    }

    /** True if the phase is handled; false if it must be looked at again. */
    private boolean tookTooLong(Phase phase) {
        switch (phase) {
            case SERVING -> {
                if (onGone.get() != null && input.watch()) {
                    gone();
                }
            }
            case HEAD -> {
                return giveUpUnlessArrived(Cut.HEAD_TIMEOUT);
            }
            case BODY -> {
                return giveUpUnlessArrived(Cut.BODY_TIMEOUT);
            }
            case IDLE -> {
                return cutIdle(Cut.IDLE_TIMEOUT);
            }
            case PAUSING -> pause.end();
            case WRITING -> cut(Cut.WRITE_TIMEOUT);
            case LINGERING -> hangUp();
        }
        return true;
    }

    private boolean drained(Phase phase) {
        switch (phase) {
            case IDLE -> {
                return cutIdle(Cut.DRAINED);
            }
            // A request may have arrived meanwhile, and must be answered.
            case PAUSING -> pause.end();
            default -> giveUp(Cut.DRAINED);
        }
        return true;
    }

    /** Whether bytes have arrived that the connection's thread could not read yet: their sender is not late. */
    @Override
    public boolean hasArrived() {
        return input.hasReadAhead() || receiving.hasUnread();
    }

    private boolean cutIdle(Cut why) {
        if (hasArrived()) {
            return false;
        }
        guard.cut(why);
        leaving = true;
        receiving.end();
        return true;
    }

    private boolean giveUpUnlessArrived(Cut why) {
        if (hasArrived()) {
            return false;
        }
        giveUp(why);
        return true;
    }

    /** Wakes the connection's own thread from its wait for input; it answers 408 or 503. */
    private void giveUp(Cut why) {
        guard.cut(why);
        input.giveUp();
    }

    private void cut(Cut why) {
        guard.cut(why);
        hangUp();
    }

    private void hangUp() {
        timer.stop();
        input.hangUp();
    }

    /** A close with unread bytes would reset the connection, and the client might lose its answer. */
    private void linger() {
        if (input.hasEnded() || (!rejected && !incoming.isUnread() && reader.available() == 0)) {
            return;
        }
        try {
            timer.enter(Phase.LINGERING, LINGER);
            while (input.read() != null) {
                // thrown away
            }
        } catch (CloseConnectionException e) {
            // it has been cut already
        }
    }
}
