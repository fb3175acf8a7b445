package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.BackendName;
import dev.muster.testing.Backends;
import dev.muster.testing.GoodBodies;
import dev.muster.testing.RawConnection;
import dev.muster.testing.Service;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A complete profile, with a part from each backend. */
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
    void joinsTheAnswersAndKeepsOtherFieldsOut() {
        backends.serve("ada");

        RawConnection.Response response = service.get("/profiles/ada");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo(GoodBodies.profile(Map.of(
                        BackendName.USER,
                        "{\"id\":\"ada\",\"name\":\"Name of ada\",\"username\":\"ada\",\"email\":\"ada@example.org\"}",
                        BackendName.POSTS,
                        "[{\"id\":\"p-ada\",\"title\":\"Title\",\"body\":\"Text\"}]",
                        BackendName.FRIENDS,
                        "[{\"id\":\"f-ada\",\"name\":\"A friend\"}]")));
    }
}
