package dev.muster.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The instructions of a Dockerfile. */
final class Dockerfile {
    private final List<String> instructions;

    private Dockerfile(List<String> instructions) {
        this.instructions = instructions;
    }

    /** The Dockerfile of the service's image. */
    static Dockerfile ofTheService() {
        return at(Compose.REPOSITORY.resolve("Dockerfile"));
    }

    static Dockerfile at(Path file) {
        String text = Compose.text(file);
        return new Dockerfile(text.replaceAll("(?m)^#.*\n", "")
                .replaceAll("\\\\\n *", "")
                .lines()
                .toList());
    }

    /** The files that a .dockerignore file allows into the build. */
    static List<String> sent(Path dockerignore) {
        return Compose.text(dockerignore)
                .lines()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList();
    }

    /** The arguments of all instructions with that name, in all stages. */
    List<String> all(String name) {
        return instructions.stream()
                .filter(instruction -> instruction.startsWith(name + " "))
                .map(instruction -> instruction.substring(name.length() + 1))
                .toList();
    }

    /** The arguments of the last instruction with that name. */
    String last(String name) {
        return all(name).getLast();
    }

    /** The command of an instruction in exec form. */
    static List<String> command(String arguments) {
        try {
            return List.of(new ObjectMapper().readValue(arguments, String[].class));
        } catch (JsonProcessingException e) {
            throw new AssertionError("not in exec form: " + arguments, e);
        }
    }

    /** The environment of a container. */
    Map<String, String> environment() {
        return Arrays.stream(last("ENV").split(" "))
                .map(variable -> variable.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    /** The files copied from the build context, in all stages. */
    List<String> copied() {
        return all("COPY").stream()
                .filter(arguments -> !arguments.startsWith("--from="))
                .flatMap(arguments -> sources(arguments.split(" ", -1)))
                .toList();
    }

    private static Stream<String> sources(String... arguments) {
        return Arrays.stream(arguments, 0, arguments.length - 1).filter(argument -> !argument.startsWith("--"));
    }
}
