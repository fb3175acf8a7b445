package dev.muster.logging;

import dev.muster.testing.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A channel for the log whose writes succeed, hang or fail as the test orders. Thread-safe. */
final class ScriptedChannel implements WritableByteChannel {
    /** The result of one write. */
    private record Step(int bytes, boolean fails) {
        static final Step WELL = new Step(Integer.MAX_VALUE, false);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All below are guarded by lock.
    private final List<String> writes = new ArrayList<>();
    private final Queue<Step> steps = new ArrayDeque<>();
    private boolean hangs;
    private boolean inWrite;

    /** Makes all writes hang from now on. */
    void hang() {
        lock.lock();
        try {
            hangs = true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the hanging write and all later ones go on. */
    void goOn() {
        lock.lock();
        try {
            hangs = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes the next write without an order fail after {@code bytes}. */
    void failAfter(int bytes) {
        order(new Step(bytes, true));
    }

    /** Makes it accept a part, or nothing, as a full non-blocking pipe does. */
    void take(int bytes) {
        order(new Step(bytes, false));
    }

    /** Makes it accept all. */
    void takeAll() {
        order(Step.WELL);
    }

    private void order(Step step) {
        lock.lock();
        try {
            steps.add(step);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        lock.lock();
        try {
            inWrite = true;
            changed.signalAll();
            while (hangs) {
                changed.awaitUninterruptibly();
            }
            Step step = steps.isEmpty() ? Step.WELL : steps.remove();
            byte[] taken = new byte[Math.min(step.bytes(), bytes.remaining())];
            bytes.get(taken);
            if (taken.length > 0) {
                writes.add(new String(taken, StandardCharsets.UTF_8));
            }
            // As the system does it: a write of some bytes succeeds with these, and the next write fails.
            if (step.fails() && taken.length > 0) {
                steps.add(new Step(0, true));
            } else if (step.fails()) {
                throw new IOException("No space left on device");
            }
            return taken.length;
        } finally {
            inWrite = false;
            changed.signalAll();
            lock.unlock();
        }
    }

    /** Waits until a write hangs. */
    void awaitHanging() {
        Await.until("a write hangs", () -> {
            lock.lock();
            try {
                return hangs && inWrite;
            } finally {
                lock.unlock();
            }
        });
    }

    /** The bytes written, by write. */
    List<String> writes() {
        lock.lock();
        try {
            return List.copyOf(writes);
        } finally {
            lock.unlock();
        }
    }

    /** All bytes written. */
    String text() {
        return String.join("", writes());
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        throw new AssertionError("the writer must not close it");
    }
}
