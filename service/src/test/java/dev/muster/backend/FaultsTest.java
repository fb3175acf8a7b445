package dev.muster.backend;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static dev.muster.testing.Answers.assertProfile;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.http.Fault;
import dev.muster.testing.BackendNames;
import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.RawConnection.Response;
import dev.muster.testing.Service;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which WireMock can break an answer. */
class FaultsTest {
    private final Backends backends = Backends.fresh().serve("ada").serve("bob");
    private final Service service = Service.start(backends.baseUri());

    @AfterEach
    void stop() {
        service.close();
    }

    static Stream<Arguments> faults() {
        return Stream.of(Fault.values())
                .flatMap(fault -> BackendNames.LABELS.stream().map(name -> Arguments.of(fault, name)));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aBrokenAnswerIsBadGatewayAndTheClientsConnectionStaysUsable(Fault fault, String name) {
        backends.answer(name, "ada", aResponse().withFault(fault));

        try (RawConnection connection = new RawConnection(service.port())) {
            connection.send("GET", "/profiles/ada");
            Response broken = connection.read("GET");
            connection.send("GET", "/profiles/bob");
            Response good = connection.read("GET");

            assertThat(broken.status()).isEqualTo(502);
            assertThat(broken.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(broken.json().path("backend").asString()).isEqualTo(name);
            assertProfile(good, "bob");
        }
    }
}
