package dev.lorikeet.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Jvm;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link KernelChoice} and {@link Compute}, each choice in a JVM of its own. */
class ChoicesTest {
    private static final String CORES = String.valueOf(Runtime.getRuntime().availableProcessors());

    @Test
    void theWidestVectorsAndAllCoresAreTheDefault() {
        List<String> choices = choices(List.of(Jvm.VECTORS));
        assertThat(choices.get(0)).isEqualTo(KernelChoice.made().kernels().name());
        assertThat(choices.get(1)).isEqualTo(KernelChoice.made().reason());
        assertThat(choices.get(2)).isEqualTo(CORES);
    }

    @Test
    void propertiesAsk() {
        assertThat(choices(List.of(Jvm.VECTORS, "-Dlorikeet.vector=scalar", "-Dlorikeet.threads=3")))
                .containsExactly("scalar", "asked for", "3");
    }

    @Test
    void requestsGoBeforeProperties() {
        assertThat(choices(List.of(Jvm.VECTORS, "-Dlorikeet.vector=scalar", "-Dlorikeet.threads=3"), "vector=128",
                "threads=5")).containsExactly("vector 128", "asked for", "5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "512"})
    void withoutTheIncubatorModuleTheCodeIsScalarAndSaysWhatIsMissing(String width) {
        List<String> choices = choices(List.of(), "vector=" + width);
        assertThat(choices.get(0)).isEqualTo("scalar");
        assertThat(choices.get(1)).contains("--add-modules jdk.incubator.vector");
    }

    @ParameterizedTest
    @CsvSource({"-Xint,-Xint", "-XX:TieredStopAtLevel=1,-XX:TieredStopAtLevel=1",
        "-XX:TieredStopAtLevel=3,-XX:TieredStopAtLevel=3", "-XX:CompilationMode=quick-only,-XX:CompilationMode"})
    void withoutC2TheCodeIsScalarAndSaysWhichOptionToLeaveOut(String option, String named) {
        List<String> choices = choices(List.of(Jvm.VECTORS, option));
        assertThat(choices.get(0)).isEqualTo("scalar");
        assertThat(choices.get(1)).contains(named).endsWith("leave that option out for speed");
    }

    @Test
    void aRuntimeOfFewModulesChoosesToo() {
        String modules = "--limit-modules=java.base,jdk.incubator.vector";
        assertThat(choices(List.of(Jvm.VECTORS, modules)).get(0)).isEqualTo(KernelChoice.made().kernels().name());
        assertThat(choices(List.of(Jvm.VECTORS, modules, "-XX:TieredStopAtLevel=1"))).contains("scalar");
    }

    @Test
    void aWidthThatIsAskedForIsUsedWithoutC2Too() {
        List<String> choices = choices(List.of(Jvm.VECTORS, "-XX:TieredStopAtLevel=1"), "vector=128");
        assertThat(choices.get(0)).isEqualTo("vector 128");
        assertThat(choices.get(1)).startsWith("asked for; slow, since C2 is off");
    }

    @Test
    void theLogWarnsOfAWidthThatIsSlowAndTellsOfScalarCodeThatNobodyAskedFor() {
        assertThat(Jvm.start(List.of(Jvm.VECTORS, "-XX:+IgnoreUnrecognizedVMOptions", "-XX:UseAVX=0"), Choices.class,
                "vector=256").log())
                .containsExactly(
                        "WARNING kernels: vector 256: asked for; wider than this machine's 128 bits, so it is slow");
        assertThat(Jvm.start(List.of(), Choices.class).log()).containsExactly("INFO kernels: scalar: the module"
                + " jdk.incubator.vector is absent: pass --add-modules jdk.incubator.vector for speed");
        assertThat(Jvm.start(List.of(Jvm.VECTORS), Choices.class, "vector=scalar").log()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"lorikeet.vector,64,'vector width: scalar, 128, 256, 512 or auto expected, not 64'",
        "lorikeet.threads,0,'threads: at least 1 expected, not 0'",
        "lorikeet.threads,two,'threads: a number expected, not two'"})
    void aPropertyWithAnotherValueIsRefused(String property, String value, String message) {
        assertThat(choices(List.of("-D" + property + "=" + value))).containsExactly(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64", "1024", "AUTO", " 128"})
    void aRequestForAnotherWidthIsRefused(String width) {
        assertThatThrownBy(() -> KernelChoice.request(width)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("vector width: scalar, 128, 256, 512 or auto expected, not " + width);
    }

    @Test
    void aRequestForNoThreadIsRefused() {
        assertThatThrownBy(() -> Cpu.requestThreads(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads: at least 1 expected, not 0");
    }

    @Test
    void requestsAfterTheChoiceAreRefused() {
        Compute compute = Cpu.shared();
        assertThat(Cpu.shared()).isSameAs(compute);
        assertThat(KernelChoice.made().kernels()).isSameAs(compute.kernels());
        assertThatThrownBy(() -> KernelChoice.request("auto")).isInstanceOf(IllegalStateException.class)
                .hasMessage("vector width: asked for auto after " + compute.kernels().name() + " was already chosen");
        assertThatThrownBy(() -> Cpu.requestThreads(2)).isInstanceOf(IllegalStateException.class)
                .hasMessage("threads: asked for 2 after the threads were started");
    }

    private static List<String> choices(List<String> options, String... requests) {
        return Jvm.start(options, Choices.class, requests).output();
    }
}
