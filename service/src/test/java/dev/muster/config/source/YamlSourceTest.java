package dev.muster.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

class YamlSourceTest {

    @Test
    void aFileThatMayNotBeReadHasAReasonOfItsOwn() {
        // Tested without a file, because root may read every file.
        assertThat(YamlSource.reason(new AccessDeniedException("x"))).isEqualTo("may not be read");
        assertThat(YamlSource.reason(new IOException("disk on fire"))).isEqualTo("cannot be read: disk on fire");
    }
}
