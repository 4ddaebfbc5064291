package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class DerivativesTest {
    private final Workspace workspace = new Workspace();

    private List<Tensor> gradients(Function<Tape, Variable> loss, Variable... variables) {
        try (Tape tape = Tape.training(Cpu.shared(), workspace)) {
            return Derivatives.gradients(tape, loss.apply(tape), List.of(variables));
        }
    }

    /** ½‖x - y‖². */
    private static Variable halfSquaredDistance(Tape tape, Variable x, Variable y) {
        Variable difference = ElementOps.subtract(tape, x, y);
        return ElementOps.scale(tape, ReductionOps.sum(tape, ElementOps.multiply(tape, difference, difference)), 0.5f);
    }

    /**
     * The gradient for a of L_val(W - ξ·∇L_tr(W, a)) with L_tr = ½‖W - C·a‖² and L_val = ½‖W - t‖²: ξ·Cᵀ·(W' - t),
     * which finite differences give exactly but for rounding.
     */
    @Test
    void aLookAheadStepAndMixedDerivativesGiveTheHypergradientOfAQuadratic() {
        Variable w = Variable.leaf(normal("w", 7, 1));
        Variable a = Variable.leaf(normal("a", 3, 1));
        Variable c = Variable.constant(normal("c", 7, 3));
        Variable t = Variable.constant(normal("t", 7, 1));
        float rate = 0.3f;
        Function<Tape, Variable> training = tape -> halfSquaredDistance(tape, w,
                LinearOps.matmul(tape, Form.NN, c, a));

        List<Tensor> step = gradients(training, w);
        List<Tensor> validation = Derivatives.displaced(List.of(w), step, -rate,
                () -> gradients(tape -> halfSquaredDistance(tape, w, t), w));
        List<Tensor> mixed = Derivatives.hessianVectorProduct(Cpu.shared(), List.of(w), validation,
                () -> gradients(training, a));

        for (int j = 0; j < 3; j++) {
            double expected = 0;
            for (int i = 0; i < 7; i++) {
                double ahead = w.value().get(i, 0) - rate * (double) step.getFirst().get(i, 0);
                expected += rate * c.value().get(i, j) * (ahead - t.value().get(i, 0));
            }
            assertThat(-rate * mixed.getFirst().get(j, 0)).isCloseTo((float) expected, within(2e-4f));
        }
        assertThat(w.value().toArray()).isEqualTo(normal("w", 7, 1).toArray());
    }

    /** Of Σ tanh(x)²·w, whose Hessian is diagonal and not constant. */
    @Test
    void aHessianVectorProductIsTheSlopeOfTheGradient() {
        Parameter x = new Parameter(normal("x", 5));
        x.unfreeze();
        Tensor v = normal("v", 5);
        List<Tensor> product = Derivatives.hessianVectorProduct(Cpu.shared(), List.of(x), List.of(v),
                () -> gradients(tape -> {
                    Variable y = ElementOps.tanh(tape, x);
                    return ReductionOps.sum(tape, ElementOps.multiply(tape, y, y));
                }, x));
        for (int i = 0; i < 5; i++) {
            double y = Math.tanh(x.value().get(i));
            double second = 2 * (1 - y * y) * (1 - 3 * y * y);
            assertThat(product.getFirst().get(i)).isCloseTo((float) (second * v.get(i)), within(1e-3f));
        }
    }

    @Test
    void theProductWithAVectorOfZerosIsZero() {
        Variable x = Variable.leaf(normal("x", 5));
        assertThat(Derivatives.hessianVectorProduct(Cpu.shared(), List.of(x), List.of(Tensor.zeros(5)),
                () -> gradients(tape -> ReductionOps.norm(tape, x), x)).getFirst().toArray()).containsOnly(0);
    }

    @Test
    void variablesAreBackInPlaceAfterAFailure() {
        Variable x = Variable.leaf(normal("x", 5));
        assertThatThrownBy(() -> Derivatives.displaced(List.of(x), List.of(normal("v", 5)), 1e-3f, () -> {
            throw new ArithmeticException("on the way");
        })).isInstanceOf(ArithmeticException.class);
        assertThat(x.value().toArray()).isEqualTo(normal("x", 5).toArray());
    }

    @Test
    void refusesWhatCannotMove() {
        Parameter frozen = new Parameter(normal("x", 5));
        Variable x = Variable.leaf(normal("x", 5));
        refuses("displaced: variable 0 (5) is frozen", List.of(frozen), List.of(Tensor.zeros(5)));
        refuses("displaced: variable 1 (5), direction (4)", List.of(x, x), List.of(Tensor.zeros(5), Tensor.zeros(4)));
        refuses("displaced: 1 variables, 0 directions", List.of(x), List.of());
        try (Tape tape = Tape.training(Cpu.shared(), workspace)) {
            refuses("displaced: variable 0 (5) is no leaf", List.of(ElementOps.tanh(tape, x)),
                    List.of(Tensor.zeros(5)));
        }
    }

    private static void refuses(String message, List<Variable> variables, List<Tensor> directions) {
        assertThatThrownBy(() -> Derivatives.displaced(variables, directions, 1, () -> 0))
                .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
