package dev.muster.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {

    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "'', abc, 3",
        "abc, '', 3",
        "port, port, 0",
        "prot, port, 1",
        "pot, port, 1",
        "poort, port, 1",
        "fort, port, 1",
        "kitten, sitting, 3",
        "ca, abc, 3"
    })
    void countsTheEdits(String a, String b, int edits) {
        assertThat(Nearest.distance(a, b)).isEqualTo(edits);
    }

    @Test
    void theFewestEditsWin() {
        assertThat(Nearest.to("log.fromat", List.of("log.level", "log.format", "server.port")))
                .isEqualTo("log.format");
    }

    @Test
    void theAlphabetSettlesATie() {
        assertThat(Nearest.to("b", List.of("c", "a"))).isEqualTo("a");
    }
}
