package dev.muster;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.muster.concurrent.FanOut;
import java.util.List;
import java.util.concurrent.StructuredTaskScope;
import org.junit.jupiter.api.Test;

/** The four rules that hold the house together. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.muster");

    private static final List<String> FEATURES = List.of("profile", "bulk", "admin");

    @Test
    void onlyFanOutKnowsThePreviewApi() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(FanOut.class)
                .should()
                .dependOnClassesThat(JavaClass.Predicates.belongToAnyOf(StructuredTaskScope.class))
                .check(MAIN);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.muster.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void featuresDoNotKnowEachOther() {
        for (String feature : FEATURES) {
            for (String other : FEATURES) {
                if (!feature.equals(other)) {
                    noClasses()
                            .that()
                            .resideInAPackage("dev.muster." + feature + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage("dev.muster." + other + "..")
                            .allowEmptyShould(true)
                            .check(MAIN);
                }
            }
        }
    }

    @Test
    void onlyMainAndTheLifecycleEndTheProcess() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Main.class)
                .and()
                .resideOutsideOfPackage("dev.muster.lifecycle..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(MAIN);
    }
}
