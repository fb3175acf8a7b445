package dev.muster.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;

/** Reads the FILE of {@code --config}. */
final class ConfigFile {

    private final Path file;
    private final List<Violation> found;

    private ConfigFile(Path file, List<Violation> found) {
        this.file = file;
        this.found = found;
    }

    /** The settings in the file, or empty where it cannot be read as a whole, which is then among {@code found}. */
    static Optional<Map<String, Setting>> read(Path file, List<Violation> found) {
        return new ConfigFile(file, found).read();
    }

    private Optional<Map<String, Setting>> read() {
        try {
            // a directory opens like a file, and then fails with a message of the system's own
            if (Files.isDirectory(file)) {
                throw new Refused("must be a file, not a directory");
            }
            String yaml = Files.readString(file);
            return Optional.of(YamlSettings.read(yaml, line -> "FILE " + file + ", line " + line, found));
        } catch (IOException e) {
            return unreadable(reason(e), null);
        } catch (Refused e) {
            return unreadable(String.valueOf(e.getMessage()), null);
        } catch (JacksonException e) {
            return notYaml(e);
        }
    }

    /** Why a file cannot be read. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "does not exist";
            case AccessDeniedException _ -> "may not be read";
            case CharacterCodingException _ -> "must be UTF-8";
            default -> "cannot be read: " + e.getMessage();
        };
    }

    /** Says what and where. The parser's own message quotes the line, which may hold a secret. */
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
