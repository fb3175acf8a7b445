package dev.muster.connection;

import dev.muster.concurrent.Threads;
import io.helidon.common.socket.HelidonSocket;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a client sends: read by the connection's own thread, or by a second one where somebody must be free to
 * give up waiting for them, or to hear that no more will come.
 *
 * <p>The second thread costs a hand-over between threads for every read, so it starts when it is needed and ends once it
 * is not. It belongs to the connection, which waits for it in {@link #close()}.
 */
final class ClientInput {
    /** A client that sends more than this ahead of its answer is no longer watched, rather than its bytes kept. */
    private static final int READ_AHEAD = 16 << 10;

    private final HelidonSocket socket;
    private final ThreadFactory threads;
    private final Runnable onEnd;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();

    // Guarded by lock.
    private final Queue<byte[]> ahead = new ArrayDeque<>(2);
    private int aheadBytes;
    private @Nullable Thread reader;
    private boolean reading;
    private boolean watching;

    /** Never false again. */
    private volatile boolean ended;

    private volatile boolean givenUp;

    /**
     * What comes from {@code socket}.
     *
     * @param threads makes the second thread
     * @param onEnd called by the second thread, once, when it has seen the client's end
     */
    ClientInput(HelidonSocket socket, ThreadFactory threads, Runnable onEnd) {
        this.socket = socket;
        this.threads = threads;
        this.onEnd = onEnd;
    }

    /** The next bytes; null where none will come. Only closing the socket ends the wait. */
    byte @Nullable [] read() {
        lock.lock();
        try {
            watching = false;
            if (reading || ended || !ahead.isEmpty()) {
                return await();
            }
        } finally {
            lock.unlock();
        }
        byte[] bytes = receive();
        if (bytes == null) {
            ended = true;
        }
        return bytes;
    }

    /** The next bytes; null where none will come, or {@link #giveUp()} was called. */
    byte @Nullable [] readWithin() {
        lock.lock();
        try {
            watching = false;
            if (ahead.isEmpty()) {
                startReading();
            }
            return await();
        } finally {
            lock.unlock();
        }
    }

    private byte @Nullable [] await() {
        while (ahead.isEmpty() && !ended && !givenUp) {
            try {
                arrived.await();
            } catch (InterruptedException e) {
                // Whoever interrupts a connection ends it.
                Thread.currentThread().interrupt();
                return null;
            }
        }
        byte[] bytes = ahead.poll();
        if (bytes != null) {
            aheadBytes -= bytes.length;
        }
        return bytes;
    }

    /** Ends the wait in {@link #readWithin()}, as it takes too long. */
    void giveUp() {
        lock.lock();
        try {
            givenUp = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Takes it back: what was waited for had just come when it was given up. */
    void hopeAgain() {
        givenUp = false;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** Sees to it that the client's end is noticed from now on, or says that it has come. */
    boolean watch() {
        lock.lock();
        try {
            watching = true;
            if (aheadBytes < READ_AHEAD) {
                startReading();
            }
            return ended;
        } finally {
            lock.unlock();
        }
    }

    private void startReading() {
        if (!reading && !ended) {
            reader = threads.newThread(this::readAhead);
            reader.start();
            reading = true;
        }
    }

    private void readAhead() {
        byte[] bytes;
        do {
            bytes = receive();
        } while (keep(bytes));
        if (bytes == null) {
            onEnd.run();
        }
    }

    /** Takes in what was read; true where there is reason to read on. */
    private boolean keep(byte @Nullable [] bytes) {
        lock.lock();
        try {
            if (bytes == null) {
                ended = true;
            } else {
                ahead.add(bytes);
                aheadBytes += bytes.length;
            }
            reading = watching && !ended && aheadBytes < READ_AHEAD;
            arrived.signal();
            return reading;
        } finally {
            lock.unlock();
        }
    }

    /** A client that resets the connection has gone as well as one that closes it. */
    private byte @Nullable [] receive() {
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            return null;
        }
    }

    /** Whether there are bytes that were read ahead and not yet used. */
    boolean hasReadAhead() {
        lock.lock();
        try {
            return !ahead.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        return ended;
    }

    /** Closes the socket, which ends whatever any thread waits for on it. */
    void hangUp() {
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            // it was closed before
        }
    }

    /** Waits for the second thread, if there is one, and hangs up for that. */
    void close() {
        Thread last;
        lock.lock();
        try {
            last = reader;
            if (reading) {
                hangUp();
            }
        } finally {
            lock.unlock();
        }
        if (last != null) {
            Threads.joinUninterruptibly(last);
        }
    }
}
