package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.cli.run.Devices;
import dev.lorikeet.tensor.ComputeProvider;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that is asked for is there, or a line says why not: these tests run in a JVM without TornadoVM. */
class DeviceTest {
    private static final String REASON = "no TornadoVM in this JVM: start it with java "
            + "@$TORNADOVM_HOME/tornado-argfile -Dtornado.recover.bailout=False";

    private static void assumeNoDevice() {
        List<ComputeProvider> providers = ComputeProvider.all();
        assumeTrue(!providers.isEmpty(), "without the module tornado on the class path");
        assertThat(providers.getFirst().find().devices()).isEmpty();
    }

    @Test
    void theProcessorIsWhatComputesUnlessSomethingElseIsAskedFor() {
        List<String> notes = new ArrayList<>();
        assertThat(Devices.open("cpu", notes::add)).isSameAs(Cpu.shared());
        assertThat(notes).isEmpty();
    }

    @Test
    void autoComesToTheProcessorAndSaysWhy() {
        assumeNoDevice();
        List<String> notes = new ArrayList<>();
        assertThat(Devices.open("auto", notes::add)).isSameAs(Cpu.shared());
        assertThat(notes).containsExactly("The processor computes: " + REASON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "0", "3"})
    void whatIsNotThereIsAnError(String asked) {
        assumeNoDevice();
        assertThatThrownBy(() -> Devices.open(asked, line -> {
        })).isInstanceOf(InputException.class)
                .hasMessage("--device " + asked + ": there is no such device: " + REASON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuda", "-1", "", "12345"})
    void whatIsNoDeviceIsAnErrorToo(String asked) {
        Outcome outcome = Outcome.of("evaluate", "--run", "out/none", "--device=" + asked);
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("--device: must be cpu, auto, gpu or a device's number, not");
    }

    @Test
    void theDoctorSaysWhatThereIs() {
        assumeNoDevice();
        assertThat(Outcome.of("doctor").out())
                .containsPattern("Device +none: " + Pattern.quote(REASON));
    }

    @Test
    void finetuneEndsBeforeItBegins() {
        assumeNoDevice();
        Outcome outcome = Outcome.of("finetune", "--device", "gpu", "--out", "out/never");
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("--device gpu: there is no such device: " + REASON);
    }
}
