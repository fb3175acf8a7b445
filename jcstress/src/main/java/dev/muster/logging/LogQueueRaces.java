package dev.muster.logging;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Threads that log at once, and the writer that takes their lines meanwhile. */
final class LogQueueRaces {
    private LogQueueRaces() {}

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What the writer takes, and is done with. */
    private static String take(LogQueue queue) {
        String lines = queue.take().stream()
                .map(line -> new String(line, StandardCharsets.UTF_8))
                .collect(Collectors.joining());
        queue.done(lines.length());
        return lines;
    }

    private static LogQueue queue(int maxBytes) {
        return new LogQueue(maxBytes, maxBytes, System::nanoTime);
    }

    @JCStressTest
    @Description("Two threads log: no line is lost or comes twice, and each thread's are in their order.")
    @Outcome(
            id = {"abc", "acb", "cab"},
            expect = ACCEPTABLE,
            desc = "all three, those of the first thread in their order")
    @Outcome(expect = FORBIDDEN, desc = "a line is missing, there twice, or before one that was logged earlier")
    @State
    public static class OfferAndOffer {
        private final LogQueue queue = queue(100);

        @Actor
        public void first() {
            queue.offer(line("a"));
            queue.offer(line("b"));
        }

        @Actor
        public void second() {
            queue.offer(line("c"));
        }

        @Arbiter
        public void result(L_Result result) {
            result.r1 = take(queue);
        }
    }

    @JCStressTest
    @Description("A thread logs as the writer takes: no line is lost or comes twice.")
    @Outcome(id = "abc", expect = ACCEPTABLE, desc = "all, in their order, whichever of them the writer found")
    @Outcome(expect = FORBIDDEN, desc = "a line is missing, there twice, or before one that was logged earlier")
    @State
    public static class OfferAndTake {
        private final LogQueue queue = queue(100);
        private String taken = "";

        public OfferAndTake() {
            queue.offer(line("a"));
        }

        @Actor
        public void logs() {
            queue.offer(line("b"));
            queue.offer(line("c"));
        }

        @Actor
        public void writer() {
            taken = take(queue);
        }

        @Arbiter
        public void result(L_Result result) {
            result.r1 = taken + take(queue);
        }
    }

    @JCStressTest
    @Description("A line is logged as the writer falls asleep: it sees the line, or is woken.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the writer sees the line")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "it sleeps, and is woken")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both: it is woken for nothing")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "a line that nobody looks at until the next comes")
    @State
    public static class OfferAndSleep {
        private final LogQueue queue = queue(100);

        @Actor
        public void logs(ZZ_Result result) {
            result.r1 = queue.offer(line("a"));
        }

        @Actor
        public void writer(ZZ_Result result) {
            result.r2 = !queue.sleeps();
        }
    }

    @JCStressTest
    @Description("Two threads log where there is room for one line: one of them is in, the other is counted.")
    @Outcome(
            id = {"a, 1", "b, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(expect = FORBIDDEN, desc = "more than there is room for, or a line neither there nor counted")
    @State
    public static class OfferAndOfferForOneRoom {
        private final LogQueue queue = queue(1);

        @Actor
        public void first() {
            queue.offer(line("a"));
        }

        @Actor
        public void second() {
            queue.offer(line("b"));
        }

        @Arbiter
        public void result(LL_Result result) {
            result.r1 = take(queue);
            result.r2 = queue.refused();
        }
    }

    @JCStressTest
    @Description("A thread logs as the writer is done with the line that takes all the room.")
    @Outcome(id = "b, 0", expect = ACCEPTABLE, desc = "it finds room")
    @Outcome(id = ", 1", expect = ACCEPTABLE, desc = "it came too early, and is counted")
    @Outcome(expect = FORBIDDEN, desc = "a line that is neither there nor counted")
    @State
    public static class OfferAndDone {
        private final LogQueue queue = queue(1);

        public OfferAndDone() {
            queue.offer(line("a"));
            queue.take();
        }

        @Actor
        public void logs() {
            queue.offer(line("b"));
        }

        @Actor
        public void writer() {
            queue.done(1);
        }

        @Arbiter
        public void result(LL_Result result) {
            result.r1 = take(queue);
            result.r2 = queue.refused();
        }
    }
}
