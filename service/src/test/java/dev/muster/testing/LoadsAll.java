package dev.muster.testing;

import dev.muster.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The service with its own classes loaded at the start, for a process that may open no more files later. A jar stays
 * open, but each class in a directory needs another open file.
 */
public final class LoadsAll {
    private LoadsAll() {}

    public static void main(String[] args) throws Exception {
        Path classes = Path.of(
                Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = classes.relativize(file).toString();
                Class.forName(
                        name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                        false,
                        Main.class.getClassLoader());
            }
        }
        Main.main(args);
    }
}
