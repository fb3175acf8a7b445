package dev.muster.bulk;

import dev.muster.testing.Await;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Items for a pool: each needs a permit to start, and another to end. */
final class ScriptedWork implements WorkerPool.Work {
    private static final int ANY_NUMBER = 1_000_000;

    private final String name;
    /** The items run, as {@code <name><item>}; several works share it, so it shows the order among them. */
    private final List<String> trail;

    private final Semaphore mayStart;
    private final Semaphore mayEnd;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final List<Integer> dropped = new CopyOnWriteArrayList<>();
    private final List<Integer> interrupted = new CopyOnWriteArrayList<>();

    private ScriptedWork(String name, List<String> trail, int mayStart, int mayEnd) {
        this.name = name;
        this.trail = trail;
        this.mayStart = new Semaphore(mayStart);
        this.mayEnd = new Semaphore(mayEnd);
    }

    /** Items that run without a stop. */
    static ScriptedWork quick(String name, List<String> trail) {
        return new ScriptedWork(name, trail, ANY_NUMBER, ANY_NUMBER);
    }

    /** Items that begin, and wait for their end. */
    static ScriptedWork held(String name, List<String> trail) {
        return new ScriptedWork(name, trail, ANY_NUMBER, 0);
    }

    /** Items that may not start. */
    static ScriptedWork refused(String name, List<String> trail) {
        return new ScriptedWork(name, trail, 0, ANY_NUMBER);
    }

    @Override
    public boolean tryStart() {
        asked.incrementAndGet();
        return mayStart.tryAcquire();
    }

    @Override
    public void run(int item) {
        threads.add(Thread.currentThread());
        trail.add(name + item);
        try {
            mayEnd.acquire();
        } catch (InterruptedException e) {
            interrupted.add(item);
        }
        ended.incrementAndGet();
    }

    @Override
    public void dropped(int items) {
        dropped.add(items);
    }

    /** Permits {@code items} more to start; the pool must then be resumed. */
    void permit(int items) {
        mayStart.release(items);
    }

    /** Lets {@code items} held items end, now or later. */
    void letGo(int items) {
        mayEnd.release(items);
    }

    void letAllGo() {
        letGo(ANY_NUMBER);
    }

    void awaitBegun(int items) {
        Await.until(items + " items of " + name + " have begun", () -> threads.size() >= items);
    }

    void awaitEnded(int items) {
        Await.until(items + " items of " + name + " have ended", () -> ended.get() >= items);
    }

    /** Waits for the given number of calls to {@link #tryStart}. */
    void awaitAsked(int times) {
        Await.until(name + " was asked " + times + " times", () -> asked.get() >= times);
    }

    int asked() {
        return asked.get();
    }

    /** The threads of the items, in the order of their start. */
    List<Thread> threads() {
        return threads;
    }

    /** The numbers given to {@link #dropped(int)}. */
    List<Integer> dropped() {
        return dropped;
    }

    /** The held items that were interrupted. */
    List<Integer> interrupted() {
        return interrupted;
    }
}
