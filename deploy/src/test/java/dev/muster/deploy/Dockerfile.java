package dev.muster.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The instructions of the repository's Dockerfile. */
final class Dockerfile {
    private static final List<String> ALL = instructions();

    private Dockerfile() {}

    /** The arguments of all instructions of that name, those of every stage. */
    static List<String> all(String name) {
        return ALL.stream()
                .filter(instruction -> instruction.startsWith(name + " "))
                .map(instruction -> instruction.substring(name.length() + 1))
                .toList();
    }

    /** The arguments of the last instruction of that name. */
    static String last(String name) {
        return all(name).getLast();
    }

    /** What an instruction starts, if that is in exec form. */
    static List<String> command(String arguments) {
        try {
            return List.of(new ObjectMapper().readValue(arguments, String[].class));
        } catch (JsonProcessingException e) {
            throw new AssertionError("not in exec form: " + arguments, e);
        }
    }

    /** What a container has in its environment. */
    static Map<String, String> environment() {
        return Arrays.stream(last("ENV").split(" "))
                .map(variable -> variable.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private static List<String> instructions() {
        String text = Compose.text(Compose.REPOSITORY.resolve("Dockerfile"));
        return text.replaceAll("(?m)^#.*\n", "")
                .replaceAll("\\\\\n *", "")
                .lines()
                .toList();
    }
}
