package dev.muster.logging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log on one thread, so that no other thread waits for its reader; reasons: docs/adr/0014-log-queue.md.
 *
 * <p>A line after a silence is written at once. The next lines are written together, within 50 ms. A line without room
 * and a line that cannot be written are dropped and counted. A later line tells how many. Thread-safe.
 */
public final class LogWriter {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Bytes of one write, some sixty lines. Fewer cost more system calls. More make a slow reader look stuck. */
    private static final int PIECE = 16 << 10;

    /** Bytes that end the pause early: the size of a pipe. */
    private static final int MANY = 64 << 10;

    private final WritableByteChannel out;
    private final Formatter formatter;
    private final LogQueue queue;
    private final Thread thread;
    private volatile boolean ending;
    /** Counted by the writer's thread alone. */
    private final AtomicLong failed = new AtomicLong();

    // All below are used by the writer's thread alone.
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    /** Lines without room, up to the next line to write. */
    private long dropped;

    private long droppedTold;
    private long failedTold;
    private boolean failureTold;
    /** Whether the last write ended inside a line. */
    private boolean torn;

    LogWriter(WritableByteChannel out, Formatter formatter, int maxBytes, LongSupplier clock) {
        this.out = out;
        this.formatter = formatter;
        this.queue = new LogQueue(maxBytes, Math.min(MANY, maxBytes / 4), clock);
        // A daemon: a write that hangs cannot be ended, and must not keep the process alive.
        this.thread = Thread.ofPlatform().name("log-writer").daemon().unstarted(this::run);
    }

    /**
     * Starts a writer.
     *
     * @param out written by this writer alone, never closed by it
     * @param formatter for the line about dropped lines
     * @param maxBytes the most bytes that may wait
     */
    public static LogWriter start(WritableByteChannel out, Formatter formatter, int maxBytes) {
        LogWriter writer = new LogWriter(out, formatter, maxBytes, System::nanoTime);
        writer.start();
        return writer;
    }

    void start() {
        thread.start();
    }

    /** Queues {@code text}, which ends with a line break. Never blocks. */
    public void write(String text) {
        if (queue.offer(text.getBytes(StandardCharsets.UTF_8))) {
            LockSupport.unpark(thread);
        }
    }

    /** How long lines have waited without progress; zero if none wait. */
    public Duration stuckFor() {
        return Duration.ofNanos(queue.stillNanos());
    }

    /** The number of lines dropped for lack of room. */
    public long droppedLines() {
        return queue.dropped();
    }

    /** The number of lines that could not be written. */
    public long failedLines() {
        return failed.get();
    }

    /**
     * Writes all queued lines, then ends. Lines queued from now on may be lost.
     *
     * @param atMost the longest wait: the reader may be stuck
     * @return whether nothing is left to write
     */
    public boolean end(Duration atMost) {
        ending = true;
        LockSupport.unpark(thread);
        try {
            return thread.join(atMost);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run() {
        while (!ending || !queue.isEmpty()) {
            sleep();
            writeAll(queue.take());
            pause();
        }
    }

    /** Sleeps until there is a line, or the end. */
    private void sleep() {
        while (queue.sleeps() && !ending) {
            LockSupport.park(this);
        }
        queue.wakes();
    }

    /** Pauses, so that one write gets many lines. */
    private void pause() {
        long begun = System.nanoTime();
        long left = PAUSE_NANOS;
        while (left > 0 && !ending && !queue.hasMany()) {
            LockSupport.parkNanos(this, left);
            left = PAUSE_NANOS - (System.nanoTime() - begun);
        }
    }

    private void writeAll(Deque<byte[]> lines) {
        // The lines just taken left no room for these, which come before all lines queued from now on.
        long droppedUntilNow = queue.dropped();
        boolean goesOn = tellOfDropped();
        while (goesOn && !lines.isEmpty()) {
            goesOn = writePiece(lines);
        }
        giveUp(lines);
        dropped = queue.isEmpty() ? queue.dropped() : droppedUntilNow;
        if (goesOn) {
            tellOfDropped();
        }
    }

    /** Writes the lines that fit into a piece, or one longer line, and removes the written ones. */
    private boolean writePiece(Deque<byte[]> lines) {
        piece.clear();
        for (byte[] line : lines) {
            if (line.length > piece.remaining()) {
                break;
            }
            piece.put(line);
        }
        piece.flip();
        ByteBuffer bytes = piece.hasRemaining() ? piece : ByteBuffer.wrap(lines.getFirst());
        boolean isWritten = write(bytes);
        int left = bytes.position();
        for (byte[] line = lines.peekFirst(); line != null && line.length <= left; line = lines.peekFirst()) {
            lines.removeFirst();
            left -= line.length;
        }
        queue.done(bytes.position() - left);
        torn = left > 0;
        return isWritten;
    }

    /** Drops the rest of the taken lines after a failed write: the next write would fail too. */
    private void giveUp(Deque<byte[]> lines) {
        if (!lines.isEmpty()) {
            failed.addAndGet(lines.size());
            queue.done(lines.stream().mapToLong(line -> line.length).sum());
        }
    }

    /** Writes how many lines were dropped since the last such line. False if this write fails too. */
    private boolean tellOfDropped() {
        long noRoom = dropped - droppedTold;
        long unwritten = failed.get() - failedTold;
        if (noRoom + unwritten == 0) {
            return true;
        }
        String line = formatter.format(dropped(noRoom, unwritten));
        ByteBuffer bytes = ByteBuffer.wrap((torn ? "\n" + line : line).getBytes(StandardCharsets.UTF_8));
        boolean isWritten = write(bytes);
        torn = isWritten ? false : torn || bytes.position() > 0;
        if (isWritten) {
            droppedTold += noRoom;
            failedTold += unwritten;
        }
        return isWritten;
    }

    private static LogRecord dropped(long noRoom, long unwritten) {
        long lines = noRoom + unwritten;
        LogFields fields = new LogFields().add("noRoom", nonZero(noRoom)).add("failed", nonZero(unwritten));
        String message = lines == 1 ? "1 line was dropped" : lines + " lines were dropped";
        return fields.record(Level.WARNING, LogWriter.class.getName(), message, null);
    }

    private static @Nullable Long nonZero(long number) {
        return number == 0 ? null : Long.valueOf(number);
    }

    /** Writes all of {@code bytes}. False on failure: their position tells how many were written. */
    private boolean write(ByteBuffer bytes) {
        int size = bytes.limit();
        try {
            while (bytes.position() < size) {
                bytes.limit(Math.min(size, bytes.position() + PIECE));
                if (out.write(bytes) > 0) {
                    queue.moved();
                } else {
                    // The pipe is full, and another process that shares it has made it non-blocking.
                    LockSupport.parkNanos(this, PAUSE_NANOS);
                }
            }
            return true;
        } catch (IOException e) {
            if (!failureTold) {
                failureTold = true;
                StandardError.say("muster: the log cannot be written: " + e.getMessage());
            }
            return false;
        }
    }
}
