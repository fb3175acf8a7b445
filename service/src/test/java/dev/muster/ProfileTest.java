package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Backends;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A profile that all three backends can contribute to. */
class ProfileTest {
    private final Backends backends = Backends.fresh();
    private Service service;

    @BeforeEach
    void start() {
        service = Service.start(backends.baseUri());
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void joinsTheThreeAnswersAndKeepsOtherFieldsOut() {
        backends.serve("ada");

        RawConnection.Response response = service.get("/profiles/ada");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo("{\"user\":{\"id\":\"ada\",\"name\":\"Name of ada\",\"username\":\"ada\","
                        + "\"email\":\"ada@example.org\"},"
                        + "\"posts\":[{\"id\":\"p-ada\",\"title\":\"Title\",\"body\":\"Text\"}],"
                        + "\"friends\":[{\"id\":\"f-ada\",\"name\":\"A friend\"}]}");
    }
}
