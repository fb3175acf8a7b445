import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks or applies the format of every Java file below the working directory. Maven runs it on the JDK that compiles
 * the sources, because the formatter parses with the javac of the JVM it runs in.
 */
final class Format {
    private static final Path BUILD_OUTPUT = Path.of("target");
    private static final Formatter FORMATTER = Formatter.createFormatter(
            JavaFormatterOptions.builder().style(Style.PALANTIR).build());

    private final boolean apply;

    private Format(boolean apply) {
        this.apply = apply;
    }

    public static void main(String[] args) throws IOException {
        Format format = switch (args[0]) {
            case "check" -> new Format(false);
            case "apply" -> new Format(true);
            default -> throw new IllegalArgumentException(args[0] + " is neither check nor apply");
        };
        List<Result> results = sources().parallelStream().map(format::accepts).toList();
        results.stream().map(Result::said).filter(said -> !said.isEmpty()).forEach(System.err::println);
        if (!results.stream().allMatch(Result::accepted)) {
            System.err.println("mvn -Pformat validate applies the format");
            System.exit(1);
        }
    }

    /** Whether a file is accepted, and what is to be said of it; nothing is the empty text. */
    private record Result(boolean accepted, String said) {}

    private static List<Path> sources() throws IOException {
        try (Stream<Path> tree = Files.walk(Path.of("."))) {
            return tree.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::normalize)
                    .filter(Format::isSource)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isSource(Path file) {
        for (Path part : file) {
            if (part.equals(BUILD_OUTPUT)) {
                return false;
            }
        }
        return true;
    }

    private Result accepts(Path file) {
        try {
            String source = Files.readString(file);
            String formatted = FORMATTER.formatSourceAndFixImports(source);
            if (formatted.equals(source)) {
                return new Result(true, "");
            }
            if (apply) {
                Files.writeString(file, formatted);
            }
            return new Result(apply, file + (apply ? ": formatted" : ": not formatted"));
        } catch (FormatterException e) {
            return new Result(false, file + ":" + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
