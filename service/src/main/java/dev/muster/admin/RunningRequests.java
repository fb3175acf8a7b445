package dev.muster.admin;

import dev.muster.lifecycle.InFlight;
import dev.muster.monitoring.RequestTimeline;
import java.util.List;

/** The body of {@code /in-flight}: the requests in flight at one moment, the oldest first. */
record RunningRequests(int count, List<Running> requests) {

    /**
     * @param path as sent, without the query
     * @param ageMs milliseconds since its head was read
     * @param waitingFor the backends whose answers are missing
     */
    record Running(String method, String path, String requestId, double ageMs, List<String> waitingFor) {
        private static Running of(InFlight.Request request) {
            return new Running(
                    request.method(),
                    request.path(),
                    request.requestId(),
                    RequestTimeline.millis(request.age().toNanos()),
                    request.waitingFor());
        }
    }

    static RunningRequests of(InFlight inFlight) {
        List<Running> requests =
                inFlight.oldestFirst().stream().map(Running::of).toList();
        return new RunningRequests(requests.size(), requests);
    }
}
