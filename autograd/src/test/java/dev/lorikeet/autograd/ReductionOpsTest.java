package dev.lorikeet.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;

/** What {@link ReductionSpecs} do not say: where the function has no derivative, or float32 no digits. */
class ReductionOpsTest {
    private final Tape tape = Tape.training(Cpu.shared(), new Workspace());

    @Test
    void normsOfZerosHaveGradientsOfZero() {
        Variable x = Variable.leaf(Tensor.of(new float[] {0, 0, 3, 4}, 2, 2));
        Variable zeros = Variable.leaf(Tensor.zeros(3));
        Variable norms = ReductionOps.rowNorms(tape, x);
        assertThat(norms.value().toArray()).containsExactly(0, 5);
        tape.backward(ElementOps.add(tape, ReductionOps.sum(tape, norms), ReductionOps.norm(tape, zeros)));
        assertThat(x.gradientOrThrow().toArray()).containsExactly(0, 0, 0.6f, 0.8f);
        assertThat(zeros.gradientOrThrow().toArray()).containsExactly(0, 0, 0);
    }

    @Test
    void theMeanOfNothingIsNotANumber() {
        assertThat(ReductionOps.mean(tape, Variable.leaf(Tensor.zeros(0))).item()).isNaN();
    }

    @Test
    void aSumOfManyKeepsItsDigits() {
        Tensor x = Tensor.zeros(10_000_000);
        x.fill(0.1f);
        assertThat(ReductionOps.sum(tape, Variable.constant(x)).item()).isCloseTo(1e6f, withinPercentage(1e-4));
        assertThat(ReductionOps.mean(tape, Variable.constant(x)).item()).isCloseTo(0.1f, withinPercentage(1e-4));
    }

    @Test
    void logSoftmaxKeepsWhatSoftmaxRoundsToZero() {
        Variable x = Variable.constant(Tensor.of(new float[] {1e4f, 0, -1e4f}, 1, 3));
        assertThat(ReductionOps.softmax(tape, x).value().toArray()).containsExactly(1, 0, 0);
        assertThat(ReductionOps.logSoftmax(tape, x).value().toArray()).containsExactly(0, -1e4f, -2e4f);
    }
}
