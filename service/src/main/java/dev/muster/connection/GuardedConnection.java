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
 * One client's connection: Helidon speaks HTTP on it, the guard says how long to wait for what, and when it is over.
 *
 * <p>Four threads meet here. The connection's own reads, serves and writes; it alone says what the connection waits
 * for. The guard's looks in every now and then and acts on what has taken too long. That of {@link ClientInput} tells
 * when the client has gone while its request is being served. And that of a newcomer ends it, idle, for its {@link Places place}.
 */
public final class GuardedConnection implements Places.Holder {
    /** How long what a client still sends is thrown away, so that it can read its last answer (RFC 9112 section 9.6). */
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
    /** What to do when the client goes; any thread takes it, once. */
    private final AtomicReference<@Nullable Runnable> onGone = new AtomicReference<>();
    /** Whether it is being ended, idle; never false again. */
    private volatile boolean leaving;

    // The connection's own thread only, as the next.
    private final Incoming incoming = new Incoming();
    private boolean refused;

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

    /** Serves the connection to its end. */
    void handle(Limit limit) throws InterruptedException {
        refused = !guard.admit(this);
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

    /** Helidon's reader asks for more. */
    private byte[] pull() {
        if (refused) {
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

    /** Says what the connection waits for, now that it reads: the body, or a head, or as before. */
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

    /** Helidon has read a request line. */
    void requestLineRead(HttpPrologue line) {
        incoming.requestLineRead(line, peek(reader.available()));
    }

    /** Helidon has read a head. */
    void headRead(Headers head) {
        boolean whole = incoming.headRead(head);
        timer.enter(Phase.SERVING, whole ? limits.clientGoneAfter() : null);
        input.hopeAgain();
        closeAfterThisIf(head);
    }

    /**
     * The request's body is about to be read.
     *
     * @throws RequestException if it breaks the rules; reading it may throw that, too
     */
    public void bodyBegins() {
        incoming.bodyGrows(peek(reader.available()));
    }

    /** The next bytes that have been received and not yet read, which they stay. */
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
        // An answer to a head that could not be read is Helidon's last, which it needs no help with.
        int pipelined = reader.available();
        if (incoming.answering(pipelined, peek(Math.min(pipelined, MethodCheck.LONGEST)))) {
            closeAfterThisIf(head);
        }
    }

    /** Helidon announces the end of the connection, but does not bring it about. */
    private void closeAfterThisIf(Headers head) {
        if (head.containsToken(HeaderValues.CONNECTION_CLOSE)) {
            http1.close(false);
        }
    }

    /** Has {@code action} run, at most once, when the client goes before {@link #served()}. */
    public void serving(Runnable action) {
        onGone.set(action);
    }

    /** The request has been answered. */
    public void served() {
        onGone.set(null);
    }

    /** The request was refused for load, and where that happens too often, the next is not read at once. */
    public void rejectedForLoad() {
        pause.due(guard.refusesTooMuch());
    }

    private void gone() {
        Runnable action = onGone.getAndSet(null);
        if (action != null) {
            action.run();
        }
    }

    /** Whether the service takes no more connections, as it is about to end. */
    public boolean isClosing() {
        return guard.isClosing();
    }

    /** Whether no further request is served on this connection, which its answers are to say. */
    public boolean isLeaving() {
        return leaving || guard.isClosing();
    }

    /** The guard looks in: deals with what had taken too long by {@code now}. */
    void lookAfter(Deadline now) {
        timer.check(now, this::tookTooLong);
        endIfUnwanted();
    }

    /** Ends what no connection is to wait for any more. */
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

    /** True where that is dealt with; false where it is to be looked at again. */
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
            // A request may have come meanwhile, which is to be answered.
            case PAUSING -> pause.end();
            default -> giveUp(Cut.DRAINED);
        }
        return true;
    }

    /** Whether bytes have arrived that the connection's thread has had no chance to read, which is not their sender's fault. */
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

    /** The connection's own thread, which waits for input, answers that it took too long. */
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

    /** Closing with bytes unread would reset the connection, and the client might lose its answer to that. */
    private void linger() {
        if (input.hasEnded() || (!refused && !incoming.isUnread() && reader.available() == 0)) {
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
