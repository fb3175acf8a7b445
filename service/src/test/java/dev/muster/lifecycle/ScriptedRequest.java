package dev.muster.lifecycle;

import dev.muster.concurrent.Cancellation;
import java.time.Duration;
import java.util.List;

/** A request with values from a test. */
record ScriptedRequest(
        String method,
        String path,
        String requestId,
        Duration age,
        List<String> waitingFor,
        Thread thread,
        Cancellation cancellation,
        boolean endedByShutdown)
        implements InFlight.Request {

    ScriptedRequest(String requestId, Duration age, boolean endedByShutdown) {
        this("GET", "/", requestId, age, List.of(), Thread.currentThread(), new Cancellation(), endedByShutdown);
    }
}
