package dev.muster.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Backends;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import dev.muster.testing.ServiceProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The health check of containers, as a method and as the command they run. */
class ProbeTest {
    private static final String LOOPBACK = "127.0.0.1";

    @ParameterizedTest
    @ValueSource(strings = {LOOPBACK, "localhost", "0.0.0.0"})
    void aServiceThatServesIsReady(String host) {
        try (Service service = Service.start(Backends.fresh().baseUri())) {
            assertThat(Probe.whyNotReady(host, service.adminPort())).isEmpty();
        }
    }

    @Test
    void aServiceThatListensOnEveryAddressOfBothKindsIsAskedOnLoopback() {
        try (FakeBackend admin = FakeBackend.start("::", call -> call.json("{}"))) {
            assertThat(Probe.whyNotReady("::", admin.port())).isEmpty();
        }
    }

    @Test
    void anIpv6AddressIsAsked() {
        try (FakeBackend admin = FakeBackend.start("::1", call -> call.json("{}"))) {
            assertThat(Probe.whyNotReady("::1", admin.port())).isEmpty();
        }
    }

    @Test
    void readinessIsWhatIsAskedFor() {
        try (FakeBackend admin = FakeBackend.start(call -> call.status(503))) {
            assertThat(Probe.whyNotReady(LOOPBACK, admin.port()))
                    .contains("http://127.0.0.1:" + admin.port() + "/health/ready answered with status 503");
            assertThat(admin.calls()).extracting(Call::target).containsExactly("/health/ready");
        }
    }

    @Test
    void aServiceThatHasGoneIsNotReady() {
        Service service = Service.start(Backends.fresh().baseUri());
        service.close();

        assertThat(Probe.whyNotReady(LOOPBACK, service.adminPort()))
                .hasValueSatisfying(why -> assertThat(why).startsWith("cannot ask 127.0.0.1:" + service.adminPort()));
    }

    @Test
    void aHostThatDoesNotExistIsNotReady() {
        assertThat(Probe.whyNotReady("no-such-host.invalid", 80))
                .hasValueSatisfying(why -> assertThat(why).startsWith("cannot ask no-such-host.invalid:80"));
    }

    @Test
    void theCommandNeedsNoBackendsAndEndsWithZeroWhereTheServiceIsReady() {
        try (Service service = Service.start(Backends.fresh().baseUri());
                ServiceProcess probe = ServiceProcess.launch("probe")
                        .set("admin.port", Integer.toString(service.adminPort()))
                        .start()) {
            assertThat(probe.awaitExit()).isZero();
            assertThat(probe.out()).isEmpty();
            assertThat(probe.err()).isEmpty();
        }
    }

    @Test
    void theCommandEndsWithOneAndAReasonWhereItIsNot() {
        try (FakeBackend admin = FakeBackend.start(call -> call.status(503));
                ServiceProcess probe = ServiceProcess.launch("probe")
                        .set("admin.port", Integer.toString(admin.port()))
                        .start()) {
            assertThat(probe.awaitExit()).isEqualTo(1);
            assertThat(probe.err())
                    .containsExactly(
                            "muster: http://127.0.0.1:" + admin.port() + "/health/ready answered with status 503");
        }
    }
}
