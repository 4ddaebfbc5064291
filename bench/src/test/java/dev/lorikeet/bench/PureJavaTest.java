package dev.lorikeet.bench;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.util.Locale;
import java.util.Set;
import java.util.TimeZone;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The product's promise: pure Java that an application can embed, since it neither prints, nor exits, nor changes what
 * belongs to the whole JVM.
 */
class PureJavaTest {

    @BeforeAll
    static void classesAreFound() {
        ProductClasses.assertFound();
    }

    @Test
    void noNativeMethod() {
        noMethods().that().areDeclaredInClassesThat().resideOutsideOfPackage(ProductClasses.packages("bench"))
                .should().haveModifier(JavaModifier.NATIVE)
                .check(ProductClasses.ALL);
    }

    @Test
    void noNativeLibrary() {
        outsideBench().should().accessTargetWhere(calls(System.class, "load", "loadLibrary"))
                .orShould().accessTargetWhere(calls(Runtime.class, "load", "loadLibrary"))
                .orShould().dependOnClassesThat().haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup).*")
                .check(ProductClasses.ALL);
    }

    @Test
    void noInternalsOfTheJdk() {
        outsideBench().should().dependOnClassesThat().resideInAnyPackage("sun..", "jdk.internal..")
                .check(ProductClasses.ALL);
    }

    /** But for one property of TornadoVM's own, without which it may give wrong results in silence. */
    @Test
    void nothingOfTheWholeJvmIsChanged() {
        outsideBench().and().doNotHaveFullyQualifiedName("dev.lorikeet.tornado.Detection").should()
                .accessTargetWhere(calls(System.class, "setProperty", "setProperties", "clearProperty"))
                .orShould().accessTargetWhere(calls(System.class, "setIn", "setOut", "setErr"))
                .orShould().accessTargetWhere(calls(Locale.class, "setDefault"))
                .orShould().accessTargetWhere(calls(TimeZone.class, "setDefault"))
                .orShould().accessTargetWhere(calls(Thread.class, "setDefaultUncaughtExceptionHandler"))
                .check(ProductClasses.ALL);
    }

    @Test
    void reflectionIsForTheDetectionOfADeviceAlone() {
        outsideBench().and().doNotHaveFullyQualifiedName("dev.lorikeet.tornado.Detection")
                .should().dependOnClassesThat().areAssignableTo(java.lang.reflect.Method.class)
                .check(ProductClasses.ALL);
    }

    @Test
    void onlyTheCommandsMainClassExits() {
        noClasses().that().resideOutsideOfPackage(ProductClasses.packages("bench"))
                .and().doNotHaveFullyQualifiedName("dev.lorikeet.cli.Main")
                .should().accessTargetWhere(calls(System.class, "exit"))
                .orShould().accessTargetWhere(calls(Runtime.class, "exit", "halt"))
                .check(ProductClasses.ALL);
    }

    @Test
    void theLibraryPrintsNothing() {
        noClasses().that().resideInAnyPackage(ProductClasses.packages(ProductClasses.LIBRARY))
                .should().accessField(System.class, "out")
                .orShould().accessField(System.class, "err")
                .orShould().accessTargetWhere(describe("Throwable.printStackTrace()",
                        access -> access.getName().equals("printStackTrace")
                                && access.getTargetOwner().isAssignableTo(Throwable.class)))
                .check(ProductClasses.ALL);
    }

    private static GivenClassesConjunction outsideBench() {
        return noClasses().that().resideOutsideOfPackage(ProductClasses.packages("bench"));
    }

    /** Calls and method references alike. */
    private static DescribedPredicate<JavaAccess<?>> calls(Class<?> owner, String... names) {
        Set<String> set = Set.of(names);
        return describe(owner.getSimpleName() + "." + String.join("|", names) + "()",
                access -> access.getTargetOwner().isEquivalentTo(owner) && set.contains(access.getName()));
    }
}
