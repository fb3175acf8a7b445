package dev.muster.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/connections.md lists all reasons, and no others. */
class HttpViolationTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "connections.md");

    @Test
    void theDocumentHasTheReasonsThatThereAreAndNoOthers() throws IOException {
        String document = Files.readString(DOCUMENT);
        String section = document.substring(document.indexOf("## What a rejection says"));

        assertThat(section.lines().filter(line -> line.matches("\\| [0-9]{3} \\| .*")))
                .containsExactlyElementsOf(Stream.of(HttpViolation.values())
                        .map(why -> "| " + why.status() + " | " + why.detail() + " |")
                        .toList());
    }
}
