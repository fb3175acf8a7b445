package dev.muster;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.muster.concurrent.FanOut;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.LocalBucketBuilder;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.concurrent.StructuredTaskScope;
import org.junit.jupiter.api.Test;

/** The rules for packages and their dependencies. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.muster");

    /** This class shows people a time of day. */
    private static final String SHOWS_WHEN_IT_BEGAN = "dev.muster.monitoring.RequestTimeline";

    private static final DescribedPredicate<JavaAccess<?>> READS_THE_WALL_CLOCK = target(name("currentTimeMillis"))
            .or(target(name("now")).and(target(owner(resideInAPackage("java.time..")))))
            .or(target(owner(assignableTo(InstantSource.class))))
            .or(target(owner(assignableTo(Date.class))))
            .as("reads the wall clock");

    private static final DescribedPredicate<JavaClass> MAKE_TOKEN_BUCKETS = DescribedPredicate.describe(
            "make token buckets",
            type -> type.getMethodCallsFromSelf().stream()
                    .anyMatch(call -> call.getTargetOwner().isEquivalentTo(Bucket.class)
                            && call.getName().equals("builder")));

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
    void theSourcesOfTheConfigurationKnowNoKey() {
        noClasses()
                .that()
                .resideInAPackage("dev.muster.config.source")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.muster.config")
                .check(MAIN);
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

    /** The wall clock may be set at any time. It may say when something was, but not how long it took or will take. */
    @Test
    void nothingMeasuresWithTheWallClock() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(SHOWS_WHEN_IT_BEGAN)
                .should()
                .accessTargetWhere(READS_THE_WALL_CLOCK)
                .check(MAIN);
    }

    @Test
    void tokenBucketsMeasureWithTheMonotonicClock() {
        classes()
                .that(MAKE_TOKEN_BUCKETS)
                .should()
                .callMethod(LocalBucketBuilder.class, "withNanosecondPrecision")
                .check(MAIN);
    }
}
