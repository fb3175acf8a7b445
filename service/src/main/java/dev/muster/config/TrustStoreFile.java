package dev.muster.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** The file with the certificates that a backend's is checked against. {@link WholeChecks} sees whether it opens. */
record TrustStoreFile() implements Kind<Optional<Path>> {

    @Override
    public Optional<Path> read(String text) throws Refused {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Path file = path(text);
        if (!Files.exists(file)) {
            throw new Refused("there is no such file");
        }
        if (Files.isDirectory(file)) {
            throw new Refused("this is a directory");
        }
        if (!Files.isReadable(file)) {
            throw new Refused("this one may not be read");
        }
        return Optional.of(file);
    }

    private static Path path(String text) throws Refused {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new Refused();
        }
    }

    @Override
    public String allowed() {
        return "the path of a readable PKCS12, JKS or PEM file, or empty";
    }
}
