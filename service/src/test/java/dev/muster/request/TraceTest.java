package dev.muster.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import dev.muster.logging.CapturedLog;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Backends;
import dev.muster.testing.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The caller's trace, passed on to the backends and the log (W3C Trace Context). */
class TraceTest {
    private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "00-" + TRACE_ID + "-b7ad6b7169203331-01";

    private final Backends backends = Backends.fresh().serve("ada");
    private final Service service = Service.start(backends.baseUri());
    private CapturedLog log;

    @BeforeEach
    void capture() {
        log = new CapturedLog();
    }

    @AfterEach
    void stop() {
        service.close();
        log.close();
    }

    /** Asks for a profile, and returns the calls to the backends. */
    private List<Request> forwarded(String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("X-Request-Id: traced");
        assertThat(service.get("/profiles/ada", all.toArray(String[]::new)).status())
                .isEqualTo(200);
        List<Request> calls = backends.wireMock().getAllServeEvents().stream()
                .<Request>map(ServeEvent::getRequest)
                .toList();
        assertThat(calls).hasSize(BackendNames.CALLS_OF_A_REQUEST);
        return calls;
    }

    private static List<String> values(Request call, String header) {
        return call.containsHeader(header) ? call.header(header).values() : List.of();
    }

    private void assertPassedOn(String parent, List<String> state, String... headers) {
        assertThat(forwarded(headers)).allSatisfy(call -> {
            assertThat(values(call, "traceparent")).containsExactly(parent);
            assertThat(values(call, "tracestate")).isEqualTo(state);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PARENT,
                "00-" + TRACE_ID + "-b7ad6b7169203331-00",
                "01-" + TRACE_ID + "-b7ad6b7169203331-01",
                "01-" + TRACE_ID + "-b7ad6b7169203331-01-extra",
                "fe-" + TRACE_ID + "-b7ad6b7169203331-ff-a-b",
            })
    void aValidParentIsPassedOnUnchanged(String parent) {
        assertPassedOn(parent, List.of(), "traceparent: " + parent);

        assertThat(log.line("traced").fields()).containsEntry("traceId", TRACE_ID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-" + TRACE_ID + "-B7AD6B7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-" + TRACE_ID + "-0000000000000000-01",
                "00-" + TRACE_ID + "0-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
                "00-" + TRACE_ID + "-b7ad6b716920333-01",
                "00-" + TRACE_ID + "-b7ad6b7169203331-1",
                "00-" + TRACE_ID + "-b7ad6b7169203331-01-extra",
                "00-" + TRACE_ID + "-b7ad6b7169203331-01-",
                "01-" + TRACE_ID + "-b7ad6b7169203331-01extra",
                "ff-" + TRACE_ID + "-b7ad6b7169203331-01",
                "0-" + TRACE_ID + "-b7ad6b7169203331-01",
                "00_" + TRACE_ID + "_b7ad6b7169203331_01",
                PARENT + ",",
                PARENT + ", " + PARENT,
                PARENT + "\r\ntraceparent: " + PARENT,
                "",
            })
    void anInvalidParentIsDroppedWithItsState(String parent) {
        assertThat(forwarded("traceparent: " + parent, "tracestate: a=1")).allSatisfy(call -> {
            assertThat(call.containsHeader("traceparent")).isFalse();
            assertThat(call.containsHeader("tracestate")).isFalse();
        });

        assertThat(log.line("traced").fields()).doesNotContainKey("traceId");
    }

    @Test
    void aStateWithoutAParentIsDropped() {
        assertThat(forwarded("tracestate: a=1"))
                .noneMatch(call -> call.containsHeader("traceparent") || call.containsHeader("tracestate"));

        assertThat(log.line("traced").fields()).doesNotContainKey("traceId");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=1",
                "a=1,b=2",
                "a=1 ,\tb=2",
                "a=1,,b=2",
                "tenant@vendor=x y!",
                "rojo=00f067aa0ba902b7",
                "a=\"x,b=1",
                "a_-*/0=~"
            })
    void aValidStateIsPassedOnUnchanged(String state) {
        assertPassedOn(PARENT, List.of(state), "traceparent: " + PARENT, "tracestate: " + state);
    }

    @Test
    void aStateOfSeveralLinesIsPassedOnAsOne() {
        assertPassedOn(
                PARENT, List.of("a=1,b=2,c=3"), "tracestate: a=1,b=2", "traceparent: " + PARENT, "tracestate: c=3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A=1", "a=", "=1", "a=1;b=2=3", "a b=1", "a=1,b", "@v=1"})
    void anInvalidStateIsDroppedAlone(String state) {
        assertPassedOn(PARENT, List.of(), "traceparent: " + PARENT, "tracestate: " + state);
    }

    @Test
    void aStateOfTooManyMembersIsDroppedAlone() {
        assertPassedOn(PARENT, List.of(), "traceparent: " + PARENT, "tracestate: " + members(33));
    }

    @Test
    void aStateOfTheMostMembersIsPassedOn() {
        assertPassedOn(PARENT, List.of(members(32)), "traceparent: " + PARENT, "tracestate: " + members(32));
    }

    private static String members(int count) {
        return IntStream.range(0, count).mapToObj(i -> "k" + i + "=v").collect(Collectors.joining(","));
    }
}
