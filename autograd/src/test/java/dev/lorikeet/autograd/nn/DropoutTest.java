package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {
    private final Variable x = Variable.constant(ones());

    private static Tensor ones() {
        Tensor ones = Tensor.zeros(10_000);
        ones.fill(1f);
        return ones;
    }

    @Test
    void dropsOthersAtEachCallWhileTrainingAndNothingOtherwise() {
        Dropout dropout = new Dropout(0.25f);
        try (Tape training = Tape.training(Cpu.shared(), new Workspace(), 1);
                Tape inference = Tape.inference(Cpu.shared(), new Workspace())) {
            float[] first = dropout.forward(training, x).value().toArray();
            float[] second = dropout.forward(training, x).value().toArray();
            assertThat(first).containsOnly(0f, 1 / 0.75f).isNotEqualTo(second);
            int dropped = 0;
            for (float each : first) {
                dropped += each == 0 ? 1 : 0;
            }
            assertThat(dropped).isBetween(2300, 2700); // of 2500, with a standard deviation of 43
            assertThat(dropout.forward(inference, x)).isSameAs(x);
            assertThat(new Dropout(0).forward(training, x)).isSameAs(x);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {-0.1f, 1f, Float.NaN})
    void refusesWhatIsNoProbability(float probability) {
        assertThatThrownBy(() -> new Dropout(probability)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dropout: probability " + probability + " is not in [0, 1)");
    }
}
