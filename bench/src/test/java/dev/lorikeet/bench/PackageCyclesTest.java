package dev.lorikeet.bench;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Arrows between packages run one way, within a module, too: a reader can take them one after the other. */
class PackageCyclesTest {

    @BeforeAll
    static void classesAreFound() {
        ProductClasses.assertFound();
    }

    @Test
    void noPackageUsesOneThatUsesIt() {
        slices().matching("dev.lorikeet.(**)").should().beFreeOfCycles().check(ProductClasses.ALL);
    }
}
