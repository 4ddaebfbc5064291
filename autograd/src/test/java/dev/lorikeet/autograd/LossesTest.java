package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link LossSpecs} do not say. */
class LossesTest {
    @Test
    void crossEntropyOfLargeLogitsIsFinite() {
        Variable logits = Variable.leaf(Tensor.of(new float[] {1e4f, -1e4f, 0}, 1, 3));
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable loss = Losses.crossEntropy(tape, logits, new int[] {1});
            assertThat(loss.item()).isEqualTo(2e4f);
            tape.backward(loss);
        }
        assertThat(logits.gradientOrThrow().toArray()).containsExactly(1, -1, 0);
    }

    /** As PyTorch's mean over nothing. */
    @ParameterizedTest
    @ValueSource(floats = {0, 0.1f})
    void crossEntropyOfNoRowIsNotANumberAndHasNoGradient(float labelSmoothing) {
        Variable logits = Variable.leaf(normal("logits", 2, 3));
        int[] labels = {CrossEntropy.IGNORED, CrossEntropy.IGNORED};
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable loss = Losses.crossEntropy(tape, logits, labels, labelSmoothing);
            assertThat(loss.item()).isNaN();
            tape.backward(loss);
        }
        assertThat(logits.gradientOrThrow().toArray()).containsOnly(0);
    }
}
