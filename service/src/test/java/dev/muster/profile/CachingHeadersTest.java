package dev.muster.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.AnswerKind;
import dev.muster.testing.EveryAnswer;
import dev.muster.testing.RawConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers for caches (RFC 9111). */
class CachingHeadersTest {
    private static EveryAnswer answers;

    @BeforeAll
    static void start() {
        answers = new EveryAnswer();
    }

    @AfterAll
    static void stop() {
        answers.close();
    }

    @Test
    void aProfileIsTheClientsToKeepAndIsAskedForAgain() {
        assertThat(answers.ask(AnswerKind.GOOD).header("Cache-Control")).isEqualTo("private, no-cache");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GOOD")
    void aProblemIsNotStored(AnswerKind kind) {
        assertThat(answers.ask(kind).header("Cache-Control")).isEqualTo("no-store");
    }

    @ParameterizedTest
    @EnumSource
    void everyAnswerOfAProfilesPathSaysWhatItWasChosenBy(AnswerKind kind) {
        RawConnection.Response response = answers.ask(kind);

        assertThat(response.header("Vary")).isEqualTo(kind.isFromProfileRoute() ? "Prefer, Accept" : null);
    }

    @ParameterizedTest
    @EnumSource
    void onlyAProfileIsSaidToBeComplete(AnswerKind kind) {
        assertThat(answers.ask(kind).header("Profile-Complete")).isEqualTo(kind == AnswerKind.GOOD ? "true" : null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi", "/problems", "/problems/bad-id"})
    void documentsMayBeKeptForAnHour(String path) {
        assertThat(answers.service(AnswerKind.GOOD).get(path).header("Cache-Control"))
                .isEqualTo("public, max-age=3600");
    }
}
