package dev.muster.config.source;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.IntFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Flattens one YAML mapping into settings by dotted name.
 *
 * <p>It reads tokens: a tree has no lines, and no duplicates.
 */
final class YamlSettings {

    private final YAMLParser parser;
    private final IntFunction<String> source;
    private final List<Violation> found;
    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();

    private YamlSettings(YAMLParser parser, IntFunction<String> source, List<Violation> found) {
        this.parser = parser;
        this.source = source;
        this.found = found;
    }

    /**
     * Reads an empty text, or one mapping.
     *
     * @param source the name of a line
     * @param found gets the violations of single entries
     * @throws JacksonException if the text is not YAML
     * @throws MalformedException if it is YAML, but not one mapping
     */
    static Map<String, Setting> read(String yaml, IntFunction<String> source, List<Violation> found)
            throws MalformedException {
        try (YAMLParser parser = (YAMLParser) new YAMLFactory().createParser(ObjectReadContext.empty(), yaml)) {
            return new YamlSettings(parser, source, found).document();
        }
    }

    private Map<String, Setting> document() throws MalformedException {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_OBJECT) {
            mapping("");
        } else if (first != null && first != JsonToken.VALUE_NULL) {
            throw new MalformedException("must hold a mapping of keys to values");
        }
        if (parser.nextToken() != null) {
            throw new MalformedException("must hold one YAML document only");
        }
        return settings;
    }

    private void mapping(String prefix) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = prefix + parser.currentName();
            if (!seen.add(name)) {
                violation(name, "must be there once only");
            }
            value(name, parser.nextToken());
        }
    }

    private void value(String name, JsonToken token) {
        switch (token) {
            case START_OBJECT -> mapping(name + ".");
            case START_ARRAY -> list(name);
            case VALUE_NULL -> put(name, "", Setting.Form.NOTHING);
            default -> put(name, scalar(name), Setting.Form.TEXT);
        }
    }

    private void list(String name) {
        int line = line();
        StringJoiner items = new StringJoiner(",");
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
                items.add(scalar(name));
            } else {
                violation(name, "must be a list of single values");
                parser.skipChildren();
            }
        }
        settings.putIfAbsent(name, new Setting(items.toString(), Setting.Form.LIST, source.apply(line)));
    }

    private String scalar(String name) {
        if (parser.isCurrentAlias()) {
            violation(name, "must be a value; YAML aliases are not followed");
        }
        return parser.getString();
    }

    private void put(String name, String text, Setting.Form form) {
        settings.putIfAbsent(name, new Setting(text, form, source.apply(line())));
    }

    /** Without the value: the name may be that of a secret, mistyped. */
    private void violation(String name, String problem) {
        found.add(new Violation(name, null, problem, source.apply(line())));
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    /** A YAML text without one mapping. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String rule) {
            super(rule, null, false, false);
        }
    }
}
