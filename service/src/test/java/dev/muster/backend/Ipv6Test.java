package dev.muster.backend;

import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.BackendNames;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.FakeBackend.Call;
import dev.muster.testing.Service;
import org.junit.jupiter.api.Test;

class Ipv6Test {
    @Test
    void aBaseUriMayHoldAnIpv6Address() {
        try (FakeBackend backend = FakeBackend.start("::1", Call::answerWell);
                Service service = Service.start("http://[::1]:" + backend.port())) {
            assertProfile(service.get("/profiles/ada"), "ada");

            assertThat(backend.calls())
                    .hasSize(BackendNames.CALLS_OF_A_REQUEST)
                    .allSatisfy(call -> assertThat(call.headers("Host")).containsExactly("[::1]:" + backend.port()));
        }
    }
}
