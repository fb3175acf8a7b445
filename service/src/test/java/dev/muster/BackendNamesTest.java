package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.BackendName;
import dev.muster.profile.Part;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.FieldRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Only one list in the code names the backends. */
class BackendNamesTest {
    /** The enum, the parts, the members of the profile, and the demo's data. */
    private static final Set<String> MAY_NAME_THEM = Set.of(
            "dev/muster/config/BackendName",
            "dev/muster/profile/Part",
            "dev/muster/profile/Profile",
            "dev/muster/demo/DemoData",
            "dev/muster/demo/Person");

    /** "user" is also a word in problems and logs, so only the exact name counts. */
    private static final Pattern LITERAL = Pattern.compile(
            "user|"
                    + otherThanUser()
                            .map(BackendName::label)
                            .map(label -> ".*\\b" + label + "\\b.*")
                            .collect(Collectors.joining("|")),
            Pattern.DOTALL);

    private static Stream<BackendName> otherThanUser() {
        return BackendName.ALL.stream().filter(name -> name != BackendName.USER);
    }

    @Test
    void noOtherClassHasTheirNames() throws Exception {
        assertThat(violations(BackendNamesTest::literals)).isEmpty();
    }

    /** The user is an exception: without a user there is no profile. */
    @Test
    void noOtherClassKnowsABackendButTheUser() throws Exception {
        assertThat(violations(BackendNamesTest::constants)).isEmpty();
    }

    @Test
    void everyBackendHasAPartInTheirOrder() {
        assertThat(Part.ALL).extracting(Part::backend).containsExactlyElementsOf(BackendName.ALL);
    }

    /** The searches of the two tests above find names in the allowed classes. */
    @Test
    void theNamesAreFoundWhereTheyAre() throws Exception {
        assertThat(found(Part.class)).contains("POSTS");
        assertThat(found(Class.forName("dev.muster.profile.Profile"))).anyMatch(text -> text.contains("posts"));
    }

    private static List<String> found(Class<?> type) throws Exception {
        ClassModel model = ClassFile.of().parse(classes().resolve(type.getName().replace('.', '/') + ".class"));
        return Stream.concat(literals(model), constants(model)).toList();
    }

    private interface Finder {
        Stream<String> in(ClassModel model);
    }

    private static List<String> violations(Finder finder) throws IOException, URISyntaxException {
        List<String> violations = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes())) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                ClassModel model = ClassFile.of().parse(file);
                String name = model.thisClass().asInternalName();
                if (!MAY_NAME_THEM.contains(name.replaceFirst("\\$.*", ""))) {
                    finder.in(model).map(text -> name + ": " + text).forEach(violations::add);
                }
            }
        }
        return violations;
    }

    private static Path classes() throws URISyntaxException {
        return Path.of(
                App.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static Stream<String> literals(ClassModel model) {
        return entries(model)
                .filter(StringEntry.class::isInstance)
                .map(entry -> ((StringEntry) entry).stringValue())
                .filter(text -> LITERAL.matcher(text).matches());
    }

    private static Stream<String> constants(ClassModel model) {
        Set<String> names = otherThanUser().map(BackendName::name).collect(Collectors.toSet());
        return entries(model)
                .filter(FieldRefEntry.class::isInstance)
                .map(FieldRefEntry.class::cast)
                .filter(field -> field.owner().asInternalName().equals("dev/muster/config/BackendName"))
                .map(field -> field.name().stringValue())
                .filter(names::contains);
    }

    private static Stream<PoolEntry> entries(ClassModel model) {
        List<PoolEntry> entries = new ArrayList<>();
        model.constantPool().forEach(entries::add);
        return entries.stream();
    }
}
