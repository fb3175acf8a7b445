package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.BackendName;
import dev.muster.config.ConfigLoader;
import dev.muster.logging.LogWriter;
import dev.muster.profile.Part;
import dev.muster.testing.FakeBackend;
import dev.muster.testing.RawConnection;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service without one of its parts. */
class AppPartsTest {
    private static final LogWriter UNUSED_LOG =
            LogWriter.start(Channels.newChannel(OutputStream.nullOutputStream()), new SimpleFormatter(), 1 << 16);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "USER")
    void servesProfilesWithoutIt(BackendName left) throws Exception {
        List<Part<?>> parts =
                Part.ALL.stream().filter(part -> part.backend() != left).toList();
        try (FakeBackend backends = FakeBackend.start(FakeBackend.Call::answerWell);
                App app = App.start(
                        ConfigLoader.load(
                                        null,
                                        Map.of(),
                                        Map.of(
                                                "backends.base-uri", backends.baseUri(),
                                                "deadline.default", "PT10S",
                                                "server.port", "0",
                                                "admin.port", "0"))
                                .config(),
                        parts,
                        UNUSED_LOG,
                        _ -> {});
                RawConnection client = new RawConnection(app.port())) {
            client.send("GET", "/profiles/ada");
            RawConnection.Response response = client.read("GET");

            assertThat(response.status()).as(response.body()).isEqualTo(200);
            assertThat(response.json().propertyNames())
                    .containsExactlyElementsOf(
                            parts.stream().map(part -> part.backend().label()).toList());
            assertThat(backends.calls())
                    .noneMatch(call -> call.isFor(left.label()))
                    .hasSameSizeAs(parts);
        }
    }
}
