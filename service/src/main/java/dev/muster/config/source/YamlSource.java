package dev.muster.config.source;

import dev.muster.config.source.YamlSettings.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;

/** Reads the YAML sources: the FILE of {@code --config}, and the defaults. */
public final class YamlSource {

    private final Path file;
    private final List<Violation> found;

    private YamlSource(Path file, List<Violation> found) {
        this.file = file;
        this.found = found;
    }

    /** The settings in the file. Empty, with a violation in {@code found}, if the file as a whole is unreadable. */
    public static Optional<Map<String, Setting>> file(Path file, List<Violation> found) {
        return new YamlSource(file, found).read();
    }

    /** The settings in a resource of ours. */
    public static Map<String, Setting> defaults(String resource, List<Violation> found) {
        try (InputStream in = Objects.requireNonNull(YamlSource.class.getResourceAsStream(resource), resource)) {
            String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return YamlSettings.read(yaml, _ -> Setting.DEFAULT, found);
        } catch (MalformedException e) {
            throw new IllegalStateException(resource + " " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Map<String, Setting>> read() {
        try {
            // A directory can be opened. The read fails with a message of the system.
            if (Files.isDirectory(file)) {
                throw new MalformedException("must be a file, not a directory");
            }
            String yaml = Files.readString(file);
            return Optional.of(YamlSettings.read(yaml, line -> "FILE " + file + ", line " + line, found));
        } catch (IOException e) {
            return unreadable(reason(e), null);
        } catch (MalformedException e) {
            return unreadable(String.valueOf(e.getMessage()), null);
        } catch (JacksonException e) {
            return notYaml(e);
        }
    }

    /** The reason for the user. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "does not exist";
            case AccessDeniedException _ -> "may not be read";
            case CharacterCodingException _ -> "must be UTF-8";
            default -> "cannot be read: " + e.getMessage();
        };
    }

    /** Without the parser's own message: it quotes the line, and so perhaps a secret. */
    private Optional<Map<String, Setting>> notYaml(JacksonException e) {
        if (e.getCause() instanceof MarkedYamlEngineException cause) {
            return unreadable(
                    "is not YAML: " + cause.getProblem(),
                    cause.getProblemMark()
                            .map(Mark::getLine)
                            .map(line -> "line " + (line + 1))
                            .orElse(null));
        }
        return unreadable(
                "is not YAML: " + e.getOriginalMessage(),
                e.getLocation() == null ? null : "line " + e.getLocation().getLineNr());
    }

    private Optional<Map<String, Setting>> unreadable(String problem, @Nullable String line) {
        found.add(new Violation("--config", file.toString(), problem, line));
        return Optional.empty();
    }
}
