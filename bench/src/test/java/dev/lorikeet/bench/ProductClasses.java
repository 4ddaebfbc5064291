package dev.lorikeet.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;

/** The compiled classes of the product, read once for all rules; tests are left out. */
final class ProductClasses {

    /** The modules, from the bottom up: each may use those before it. */
    static final List<String> MODULES = List.of("tensor", "autograd", "transformer", "lora", "tornado", "cli",
            "bench");

    /** The modules that an application embeds. */
    static final List<String> LIBRARY = MODULES.subList(0, 5);

    static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lorikeet");

    private ProductClasses() {}

    /** The pattern of the packages of a module. */
    static String packages(String module) {
        return "dev.lorikeet." + module + "..";
    }

    static String[] packages(List<String> modules) {
        return modules.stream().map(ProductClasses::packages).toArray(String[]::new);
    }

    /** A rule over no classes always holds, so every module must have been found. */
    static void assertFound() {
        for (String module : MODULES.subList(0, 6)) {
            assertThat(ALL.that(resideInAPackage(packages(module)))).as("classes of %s", module).isNotEmpty();
        }
    }
}
