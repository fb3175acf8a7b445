package dev.muster.config;

import dev.muster.config.source.Violation;
import java.util.List;
import java.util.stream.Collectors;

/** An invalid configuration. The message has one line for each violation. */
public final class InvalidConfig extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<Violation> violations;

    InvalidConfig(List<Violation> violations) {
        super(violations.stream().distinct().map(Violation::toString).collect(Collectors.joining("\n")));
        this.violations = violations.stream().distinct().toList();
    }

    /** All violations, at least one. */
    public List<Violation> violations() {
        return violations;
    }
}
