package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.Map;
import java.util.function.BiFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinearTest {
    /** Adds an offset to what the layer itself gives. */
    private record Shift(Parameter offset) implements Adapter {
        @Override
        public Variable forward(Pass pass, Variable x, Linear base) {
            return ElementOps.add(pass.tape(), base.base(pass.tape(), x, null), offset);
        }

        @Override
        public Map<String, Parameter> parameters() {
            return Map.of("offset.weight", offset);
        }
    }

    private static final Variable X = Variable.constant(Tensor.of(new float[] {1, 10, 100}, 1, 3));

    private final Linear linear = new Linear(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
            Tensor.of(new float[] {0.5f, -0.5f}, 2));

    @Test
    void mapsFrozenAndTrainedAlike() {
        assertThat(linear.inFeatures()).isEqualTo(3);
        assertThat(linear.outFeatures()).isEqualTo(2);
        assertThat(forward()).containsExactly(321.5f, 653.5f);
        linear.unfreeze();
        assertThat(forward()).containsExactly(321.5f, 653.5f);
        assertThat(compute(new Linear(linear.weight().value(), null)::forward)).containsExactly(321, 654);
    }

    @Test
    void mapsAWeightStoredAsInOutAlike() {
        Linear turned = new Linear(Tensor.of(new float[] {1, 4, 2, 5, 3, 6}, 3, 2),
                Tensor.of(new float[] {0.5f, -0.5f}, 2), Activation.NONE, Layout.IN_OUT);
        assertThat(turned.inFeatures()).isEqualTo(3);
        assertThat(turned.outFeatures()).isEqualTo(2);
        assertThat(turned.layout()).isEqualTo(Layout.IN_OUT);
        assertThat(compute(turned::forward)).containsExactly(321.5f, 653.5f);
        LowRank term = new LowRank(X, Variable.constant(Tensor.of(new float[] {1, 1, 0}, 1, 3)),
                Variable.constant(Tensor.of(new float[] {1, -1}, 2, 1)), 2);
        assertThat(compute((tape, x) -> turned.base(tape, x, term))).containsExactly(343.5f, 631.5f);
        turned.unfreeze();
        assertThat(compute(turned::forward)).containsExactly(321.5f, 653.5f);
    }

    @ParameterizedTest
    @EnumSource
    void everyActivationIsOfTheSums(Activation activation) {
        Tensor weight = Tensor.of(new float[] {0.01f, 0, 0, 0, -0.1f, 0}, 2, 3);
        Tensor bias = Tensor.of(new float[] {0.5f, -0.5f}, 2);
        float[] expected = compute(
                (tape, x) -> ElementOps.activate(tape, activation, new Linear(weight, bias).forward(tape, x)));
        Linear activated = new Linear(weight, bias, activation);
        assertThat(compute(activated::forward)).containsExactly(expected);
        activated.unfreeze();
        assertThat(compute(activated::forward)).containsExactly(expected);
    }

    @Test
    void activatesFrozenAndTrainedAlike() {
        Linear activated = new Linear(Tensor.of(new float[] {0.01f, 0, 0, 0, -0.1f, 0}, 2, 3),
                Tensor.of(new float[] {0.5f, -0.5f}, 2), Activation.GELU);
        float[] frozen = compute(activated::forward);
        assertThat(frozen[0]).isCloseTo(0.354437f, Offset.offset(1e-6f)); // 0.51·Φ(0.51)
        assertThat(frozen[1]).isCloseTo(-0.100211f, Offset.offset(1e-6f)); // -1.5·Φ(-1.5)
        activated.unfreeze();
        assertThat(compute(activated::forward)).containsExactly(frozen);
    }

    @Test
    void anAdapterStandsInTheSeamUntilItIsTakenOut() {
        Shift adapter = new Shift(new Parameter(Tensor.of(new float[] {1000, 2000}, 1, 2)));
        linear.adapter(adapter);
        assertThat(linear.adapter()).isSameAs(adapter);
        assertThat(linear.namedParameters()).containsOnlyKeys("weight", "bias", "offset.weight")
                .containsEntry("offset.weight", adapter.offset());
        assertThat(forward()).containsExactly(1321.5f, 2653.5f);
        linear.adapter((tape, x, base) -> x);
        assertThat(linear.namedParameters()).containsOnlyKeys("weight", "bias");
        assertThat(forward()).containsExactly(1, 10, 100);
        linear.adapter(null);
        assertThat(linear.adapter()).isNull();
        assertThat(forward()).containsExactly(321.5f, 653.5f);
    }

    @Test
    void aWeightThatChangedIsPackedAgain() {
        forward();
        Tensor value = linear.weight().value().copy();
        value.data()[0] = 2;
        linear.weight().set(value);
        assertThat(forward()).containsExactly(322.5f, 653.5f);
    }

    @Test
    void aWeightThatWasTrainedIsPackedAgainOnceItIsFrozen() {
        forward();
        linear.unfreeze();
        forward();
        linear.weight().value().data()[0] = 2; // as an optimizer's step does
        linear.freeze();
        assertThat(forward()).containsExactly(322.5f, 653.5f);
    }

    /** In int8, 1 is 42·3/127. */
    @Test
    void aWeightThatAnotherOneStandsInForComesBackWithItsBitsAndItsFormat() {
        float[] exact = forward();
        linear.weight().format(WeightFormat.INT8);
        float[] narrow = forward();
        assertThat(narrow).isNotEqualTo(exact);
        Tensor rounded = linear.weight().value();
        assertThat(rounded.get(0, 0)).isEqualTo(42 * (3f / 127));
        float[] ofRounded = compute(new Linear(rounded.copy(), linear.bias().value())::forward);
        try (Parameter.Replacement replacement = linear.weight().replace(rounded)) {
            assertThat(replacement.before().toArray()).isEqualTo(rounded.toArray());
            assertThat(forward()).as("in float32").isEqualTo(ofRounded);
            Tensor more = rounded.copy();
            more.data()[0] += 1;
            try (Parameter.Replacement another = linear.weight().replace(more)) {
                assertThat(another.before().toArray()).isEqualTo(rounded.toArray());
                assertThat(forward()[0]).isCloseTo(ofRounded[0] + 1, Offset.offset(1e-4f));
            }
            assertThat(forward()).isEqualTo(ofRounded);
        }
        assertThat(forward()).isEqualTo(narrow);
        linear.weight().unfreeze();
        linear.weight().freeze();
        assertThat(forward()).as("trained").isEqualTo(ofRounded);
    }

    @Test
    void addsALowRankTermToAFrozenWeightOnly() {
        LowRank term = new LowRank(X, Variable.constant(Tensor.of(new float[] {1, 1, 0}, 1, 3)),
                Variable.constant(Tensor.of(new float[] {1, -1}, 2, 1)), 2);
        assertThat(compute((tape, x) -> linear.base(tape, x, term))).containsExactly(343.5f, 631.5f);
        linear.weight().unfreeze();
        assertThatThrownBy(() -> compute((tape, x) -> linear.base(tape, x, term)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("linear: a low-rank term needs a frozen weight");
        assertThatThrownBy(() -> compute((tape, x) -> linear.product(tape, x, term)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("linear: a low-rank term needs a frozen weight");
    }

    @Test
    void refusesShapesThatDoNotFit() {
        assertThatThrownBy(() -> new Linear(Tensor.zeros(2, 3), Tensor.zeros(3)))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("linear: weight (2, 3), bias (3)");
        assertThatThrownBy(() -> new Linear(Tensor.zeros(6), null)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weight: a matrix expected, not (6)");
        assertThatThrownBy(() -> new Linear(Tensor.zeros(2, 3), Tensor.zeros(2), Activation.NONE, Layout.IN_OUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("linear: weight (2, 3), bias (2), as IN_OUT");
        Variable narrow = Variable.constant(Tensor.zeros(5, 2));
        assertThatThrownBy(() -> compute((tape, x) -> linear.forward(tape, narrow)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("(5, 2)");
    }

    private float[] forward() {
        return compute(linear::forward);
    }

    private static float[] compute(BiFunction<Tape, Variable, Variable> function) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return function.apply(tape, X).value().toArray();
        }
    }
}
