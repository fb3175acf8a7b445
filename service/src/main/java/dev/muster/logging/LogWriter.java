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
 * The one thread that writes the log, so that nobody else ever waits for whoever reads it; docs/adr/0014-log-queue.md has
 * the reasons.
 *
 * <p>A line that comes after a silence is written at once; those that follow are written together, 50 ms after they were
 * handed over at the latest. What the queue has no room for and what cannot be written is dropped, counted, and told in
 * a line of its own once the log goes on. Thread-safe.
 */
public final class LogWriter {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * Bytes of one write, some sixty lines: with fewer there are more system calls, with more a reader that is slow would
     * pass for one that hangs.
     */
    private static final int PIECE = 16 << 10;

    /** Bytes that end the pause early: as many as a pipe holds. */
    private static final int MANY = 64 << 10;

    private final WritableByteChannel out;
    private final Formatter formatter;
    private final LogQueue queue;
    private final Thread thread;
    private volatile boolean ending;
    /** Counted by the writer's thread alone. */
    private final AtomicLong failed = new AtomicLong();

    // All below are of the writer's thread alone.
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    /** Lines without room that came before whatever is written next. */
    private long refused;

    private long refusedTold;
    private long failedTold;
    private boolean failureTold;
    /** Whether the last write has ended in the midst of a line. */
    private boolean torn;

    LogWriter(WritableByteChannel out, Formatter formatter, int maxBytes, LongSupplier clock) {
        this.out = out;
        this.formatter = formatter;
        this.queue = new LogQueue(maxBytes, Math.min(MANY, maxBytes / 4), clock);
        // A daemon: nobody can end a write that hangs, and the process is to end all the same.
        this.thread = Thread.ofPlatform().name("log-writer").daemon().unstarted(this::run);
    }

    /**
     * Starts a writer.
     *
     * @param out written by this writer alone, never closed by it
     * @param formatter of the line that tells what was dropped
     * @param maxBytes of lines that may wait
     */
    public static LogWriter start(WritableByteChannel out, Formatter formatter, int maxBytes) {
        LogWriter writer = new LogWriter(out, formatter, maxBytes, System::nanoTime);
        writer.start();
        return writer;
    }

    void start() {
        thread.start();
    }

    /** Hands over {@code text}, which ends with a line's end. Never blocks. */
    public void write(String text) {
        if (queue.offer(text.getBytes(StandardCharsets.UTF_8))) {
            LockSupport.unpark(thread);
        }
    }

    /** How long there has been something to write and nothing got out; zero if there is nothing. */
    public Duration stuckFor() {
        return Duration.ofNanos(queue.stillNanos());
    }

    /** How many lines there was no room for. */
    public long refusedLines() {
        return queue.refused();
    }

    /** How many lines could not be written. */
    public long failedLines() {
        return failed.get();
    }

    /**
     * Has all written that was handed over, and ends. What is handed over from now on may be lost.
     *
     * @param atMost how long to wait for that: whoever reads may have stopped
     * @return whether nothing is left to be written
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

    /** Until there is a line, or the end. */
    private void sleep() {
        while (queue.sleeps() && !ending) {
            LockSupport.park(this);
        }
        queue.wakes();
    }

    /** For lines to gather that are worth a write. */
    private void pause() {
        long begun = System.nanoTime();
        long left = PAUSE_NANOS;
        while (left > 0 && !ending && !queue.hasMany()) {
            LockSupport.parkNanos(this, left);
            left = PAUSE_NANOS - (System.nanoTime() - begun);
        }
    }

    private void writeAll(Deque<byte[]> lines) {
        // These had no room because of the lines just taken, and come before all that are handed over from now on.
        long refusedUntilNow = queue.refused();
        boolean goesOn = tellOfDropped();
        while (goesOn && !lines.isEmpty()) {
            goesOn = writePiece(lines);
        }
        giveUp(lines);
        refused = queue.isEmpty() ? queue.refused() : refusedUntilNow;
        if (goesOn) {
            tellOfDropped();
        }
    }

    /** Writes as many whole lines as make a piece, or one that is longer, and takes out those that are written. */
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

    /** Drops what could not be written, with all that was taken along with it: the next would fail as well. */
    private void giveUp(Deque<byte[]> lines) {
        if (!lines.isEmpty()) {
            failed.addAndGet(lines.size());
            queue.done(lines.stream().mapToLong(line -> line.length).sum());
        }
    }

    /** Says how many lines were dropped since it was last said. False if that cannot be written, either. */
    private boolean tellOfDropped() {
        long noRoom = refused - refusedTold;
        long unwritten = failed.get() - failedTold;
        if (noRoom + unwritten == 0) {
            return true;
        }
        String line = formatter.format(dropped(noRoom, unwritten));
        ByteBuffer bytes = ByteBuffer.wrap((torn ? "\n" + line : line).getBytes(StandardCharsets.UTF_8));
        boolean isWritten = write(bytes);
        torn = isWritten ? false : torn || bytes.position() > 0;
        if (isWritten) {
            refusedTold += noRoom;
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

    /** Writes all of {@code bytes}. False if that fails: their position says how many were written. */
    private boolean write(ByteBuffer bytes) {
        int size = bytes.limit();
        try {
            while (bytes.position() < size) {
                bytes.limit(Math.min(size, bytes.position() + PIECE));
                if (out.write(bytes) > 0) {
                    queue.moved();
                } else {
                    // Another process that has the same pipe has made it non-blocking, and it is full.
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
