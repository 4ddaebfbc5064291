package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;

class RmsNormTest {
    private final RmsNorm norm = new RmsNorm(Tensor.of(new float[] {1, 10}, 2), 0.5f);

    @Test
    void dividesByTheRootMeanSquareAndScales() {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Variable x = Variable.constant(Tensor.of(new float[] {3, 4, 0, 1}, 2, 2));
            assertThat(norm.forward(tape, x).value().toArray())
                    .containsExactly(new float[] {(float) (3 / Math.sqrt(13)),
                        (float) (40 / Math.sqrt(13)), 0, 10}, within(1e-6f));
        }
        assertThat(norm.namedParameters().keySet()).containsExactly("weight");
    }
}
