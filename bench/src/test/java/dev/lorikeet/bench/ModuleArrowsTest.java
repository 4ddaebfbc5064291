package dev.lorikeet.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Between the modules the arrows run downwards only, and the library brings in little. */
class ModuleArrowsTest {

    @BeforeAll
    static void classesAreFound() {
        ProductClasses.assertFound();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensor", "autograd", "transformer", "lora", "tornado", "cli"})
    void aModuleUsesOnlyModulesBelowIt(String module) {
        List<String> modules = ProductClasses.MODULES;
        List<String> above = modules.subList(modules.indexOf(module) + 1, modules.size());
        noClasses().that().resideInAPackage(ProductClasses.packages(module))
                .should().dependOnClassesThat().resideInAnyPackage(ProductClasses.packages(above))
                .check(ProductClasses.ALL);
    }

    /**
     * JSpecify's annotations are not needed at run time. What is in com.sun.management is an API of the JDK, in its
     * module jdk.management; tensor asks it for the JVM's compiler, and does without where it is absent.
     */
    @ParameterizedTest
    @ValueSource(strings = {"tensor", "autograd", "lora"})
    void tensorAutogradAndLoraUseTheJdkAlone(String module) {
        classes().that().resideInAPackage(ProductClasses.packages(module))
                .should().onlyDependOnClassesThat().resideInAnyPackage(
                        "dev.lorikeet..", "java..", "jdk.incubator.vector..", "jdk.jfr..", "com.sun.management..",
                        "org.jspecify.annotations..")
                .check(ProductClasses.ALL);
    }

    @Test
    void transformerUsesFastutilAndJacksonAndNothingElse() {
        classes().that().resideInAPackage(ProductClasses.packages("transformer"))
                .should().onlyDependOnClassesThat().resideInAnyPackage(
                        "dev.lorikeet..", "java..", "jdk.jfr..", "org.jspecify.annotations..",
                        "it.unimi.dsi.fastutil..", "com.fasterxml.jackson..")
                .check(ProductClasses.ALL);
    }

    /** It is a neighbour of autograd and all above that, and what it adds besides is TornadoVM's API alone. */
    @Test
    void tornadoUsesTensorAndTornadoVmAndIsUsedThroughTheServiceAlone() {
        classes().that().resideInAPackage(ProductClasses.packages("tornado"))
                .should().onlyDependOnClassesThat().resideInAnyPackage(
                        "dev.lorikeet.tornado..", "dev.lorikeet.tensor..", "java..", "org.jspecify.annotations..",
                        "uk.ac.manchester.tornado.api..")
                .check(ProductClasses.ALL);
        noClasses().that().resideOutsideOfPackage(ProductClasses.packages("tornado"))
                .should().dependOnClassesThat().resideInAnyPackage(
                        ProductClasses.packages("tornado"), "uk.ac.manchester.tornado..")
                .check(ProductClasses.ALL);
    }

    /** Where there is no TornadoVM its classes cannot be loaded: what looks for it, and what is planned, names none. */
    @Test
    void detectionAndPlansNameNoTypeOfTornadoVm() {
        noClasses().that().resideInAPackage("dev.lorikeet.tornado.plan..")
                .or().haveNameMatching("dev\\.lorikeet\\.tornado\\.Detection.*")
                .should().dependOnClassesThat().resideInAPackage("uk.ac.manchester.tornado..")
                .check(ProductClasses.ALL);
    }

    @Test
    void onlyTensorKnowsTheVectorApi() {
        noClasses().that().resideOutsideOfPackages(ProductClasses.packages("tensor"), ProductClasses.packages("bench"))
                .should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..")
                .check(ProductClasses.ALL);
    }
}
