package dev.lorikeet.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    void transformerUsesJacksonAndNothingElse() {
        classes().that().resideInAPackage(ProductClasses.packages("transformer"))
                .should().onlyDependOnClassesThat().resideInAnyPackage(
                        "dev.lorikeet..", "java..", "jdk.jfr..", "org.jspecify.annotations..",
                        "com.fasterxml.jackson..")
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

    /** The table of the tour is the order of the modules. */
    @Test
    void theTourHasTheModulesFromTheBottomUp() throws IOException {
        Path tour = Path.of(System.getProperty("lorikeet.basedir"), "CONTRIBUTING.md");
        List<String> rows = Files.readAllLines(tour).stream().dropWhile(line -> !line.startsWith("| module |")).skip(2)
                .takeWhile(line -> line.startsWith("|")).map(line -> line.split("`")[1]).toList();
        assertThat(rows).isEqualTo(ProductClasses.MODULES);
    }

    @ParameterizedTest
    @CsvSource({"tensor, jdk.incubator.vector jdk.jfr jdk.management org.jspecify",
        "autograd, dev.lorikeet.tensor org.jspecify",
        "transformer, com.fasterxml.jackson.core com.fasterxml.jackson.jr.ob dev.lorikeet.autograd "
                + "java.net.http jdk.jfr org.jspecify",
        "lora, dev.lorikeet.transformer jdk.jfr org.jspecify"})
    void aDescriptorHasTheArrowsOfTheTour(String module, String requires) {
        ModuleDescriptor descriptor = ProductModules.descriptor(module);
        assertThat(descriptor.requires()).extracting(ModuleDescriptor.Requires::name)
                .containsExactlyInAnyOrder(("java.base " + requires).split(" "));
        List<String> above = ProductClasses.MODULES.subList(ProductClasses.MODULES.indexOf(module) + 1,
                ProductClasses.MODULES.size());
        assertThat(descriptor.exports()).flatExtracting(ModuleDescriptor.Exports::targets)
                .isSubsetOf(above.stream().map(name -> "dev.lorikeet." + name).toList());
        Set<String> exported = descriptor.exports().stream().map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
        assertThat(descriptor.packages()).as("packages, each exported to all or to our own by name")
                .isEqualTo(exported);
    }

    /** A module says itself what services it has; on the class path files in META-INF say it. */
    @ParameterizedTest
    @ValueSource(strings = {"tensor", "autograd", "transformer", "lora"})
    void aDescriptorHasTheServicesOfTheClassPath(String module) throws IOException {
        Map<String, List<String>> files = new TreeMap<>();
        Path folder = Path.of(System.getProperty("lorikeet.basedir"), module, "src/main/resources/META-INF/services");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> services = Files.list(folder)) {
                for (Path service : services.toList()) {
                    files.put(service.getFileName().toString(), Files.readAllLines(service));
                }
            }
        }
        Map<String, List<String>> provided = new TreeMap<>();
        ProductModules.descriptor(module).provides()
                .forEach(provides -> provided.put(provides.service(), provides.providers()));
        assertThat(provided).isEqualTo(files);
    }
}
