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
 * Reads the bytes of a client, on the connection's own thread or on a second one. With a second thread the connection
 * can stop waiting, and can notice the client's end while it serves a request.
 *
 * <p>The second thread costs a hand-over between threads for every read, so it runs only while it is needed.
 * {@link #close()} waits for it.
 */
final class ClientInput {
    /** The most bytes to keep ahead of an answer: a client that sends more is no longer watched. */
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

    /** Once true, stays true. */
    private volatile boolean ended;

    private volatile boolean givenUp;

    /**
     * Reads from {@code socket}.
     *
     * @param threads makes the second thread
     * @param onEnd called by the second thread, once, when it sees the client's end
     */
    ClientInput(HelidonSocket socket, ThreadFactory threads, Runnable onEnd) {
        this.socket = socket;
        this.threads = threads;
        this.onEnd = onEnd;
    }

    /** The next bytes; null if none will come. Only a close of the socket ends the wait. */
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

    /** The next bytes; null if none will come, or {@link #giveUp()} was called. */
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
                // An interrupt ends the connection.
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

    /** Ends a wait in {@link #readWithin()} that takes too long. */
    void giveUp() {
        lock.lock();
        try {
            givenUp = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Revokes a {@link #giveUp()} that came as the awaited bytes arrived. */
    void hopeAgain() {
        givenUp = false;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** Begins to watch for the client's end; true if it has come already. */
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

    /** Keeps {@code bytes}; true if the second thread must read on. */
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

    /** A reset is the client's end, like a close. */
    private byte @Nullable [] receive() {
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            return null;
        }
    }

    /** Whether bytes were read ahead and are not yet used. */
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

    /** Closes the socket, which ends every wait on it. */
    void hangUp() {
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            // it was closed before
        }
    }

    /** Waits for the second thread, if any. If it still reads, closes the socket first. */
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
