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

/** Threads log at once, while the writer takes their lines. */
final class LogQueueRaces {
    private LogQueueRaces() {}

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Takes all lines as the writer does, and marks them as done. */
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
    @Description("Two threads log: no line is lost or doubled, and each thread's lines stay in order.")
    @Outcome(
            id = {"abc", "acb", "cab"},
            expect = ACCEPTABLE,
            desc = "all three, the first thread's lines in order")
    @Outcome(expect = FORBIDDEN, desc = "a line is missing or doubled, or comes before an earlier one")
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
    @Description("A thread logs while the writer takes lines: no line is lost or doubled.")
    @Outcome(id = "abc", expect = ACCEPTABLE, desc = "all lines in order, in one take or two")
    @Outcome(expect = FORBIDDEN, desc = "a line is missing or doubled, or comes before an earlier one")
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
    @Description("A line is logged while the writer falls asleep: the writer sees the line, or is woken.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the writer sees the line")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the writer sleeps, and is woken")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both: the writer is woken for nothing")
    @Outcome(id = "false, false", expect = FORBIDDEN, desc = "no one looks at the line until the next one comes")
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
    @Description("Two threads log, with room for one line: one line is queued, the other is dropped and counted.")
    @Outcome(
            id = {"a, 1", "b, 1"},
            expect = ACCEPTABLE,
            desc = "one line is queued")
    @Outcome(expect = FORBIDDEN, desc = "more lines than fit, or a line neither queued nor counted")
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
            result.r2 = queue.dropped();
        }
    }

    @JCStressTest
    @Description("A thread logs while the writer finishes the line that takes all the room.")
    @Outcome(id = "b, 0", expect = ACCEPTABLE, desc = "the line finds room")
    @Outcome(id = ", 1", expect = ACCEPTABLE, desc = "the line comes too early, and is counted")
    @Outcome(expect = FORBIDDEN, desc = "the line is neither queued nor counted")
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
            result.r2 = queue.dropped();
        }
    }
}
