package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link Tape#checkpoint} beside the same operations without it. */
class CheckpointTest {
    private static final int LAYERS = 4;

    private enum Wrapping {
        NONE, EACH, NESTED
    }

    /** Layers with dropout, each of which reads the first's output too. */
    private static final class Network {
        final Variable x = Variable.leaf(normal("x", 32, 64));
        final Variable gamma = Variable.leaf(normal("gamma", 64));
        final List<Variable> weights = new ArrayList<>();
        final Wrapping wrapping;
        final Workspace workspace = new Workspace();

        Network(Wrapping wrapping) {
            this.wrapping = wrapping;
            for (int i = 0; i < LAYERS; i++) {
                weights.add(Variable.leaf(normal("weight " + i, 64, 64)));
            }
        }

        Variable loss(Tape tape) {
            Variable first = ElementOps.tanh(tape, x);
            Variable y = first;
            for (Variable weight : weights) {
                y = switch (wrapping) {
                    case NONE -> layer(tape, y, weight, first);
                    case EACH -> tape.checkpoint(y, (t, in) -> layer(t, in, weight, first));
                    case NESTED -> tape.checkpoint(y, (t, in) -> t.checkpoint(in,
                            (inner, again) -> layer(inner, again, weight, first)));
                };
            }
            return Losses.weightedSum(tape, ElementOps.dropout(tape, y, 0.5f, tape.nextKey()), normal("probe", 32, 64));
        }

        private Variable layer(Tape tape, Variable in, Variable weight, Variable first) {
            Variable normed = ElementOps.rmsNorm(tape, in, gamma, 1e-5f);
            Variable y = ElementOps.gelu(tape, LinearOps.matmul(tape, Form.NN, normed, weight));
            y = ElementOps.dropout(tape, y, 0.3f, tape.nextKey());
            return ElementOps.add(tape, ElementOps.add(tape, y, in), first);
        }

        List<float[]> run() {
            List<float[]> bits = new ArrayList<>();
            try (Tape tape = Tape.training(Cpu.shared(), workspace, 7)) {
                Variable loss = loss(tape);
                tape.backward(loss);
                bits.add(loss.value().toArray());
            }
            bits.add(x.gradientOrThrow().toArray());
            bits.add(gamma.gradientOrThrow().toArray());
            weights.forEach(weight -> bits.add(weight.gradientOrThrow().toArray()));
            return bits;
        }
    }

    @ParameterizedTest
    @CsvSource({"EACH", "NESTED"})
    void givesTheSameBits(Wrapping wrapping) {
        List<float[]> plain = new Network(Wrapping.NONE).run();
        List<float[]> wrapped = new Network(wrapping).run();
        assertThat(wrapped).hasSameSizeAs(plain);
        for (int i = 0; i < plain.size(); i++) {
            assertThat(wrapped.get(i)).as("tensor %d", i).isEqualTo(plain.get(i));
        }
    }

    @Test
    void givesTheSameBitsForChosenVariables() {
        assertThat(chosen(new Network(Wrapping.EACH))).isEqualTo(chosen(new Network(Wrapping.NONE)));
    }

    private static float[] chosen(Network network) {
        try (Tape tape = Tape.training(Cpu.shared(), network.workspace, 7)) {
            Tensor gradient = Derivatives.gradients(tape, network.loss(tape), List.of(network.weights.get(1)))
                    .getFirst();
            assertThat(network.weights.getFirst().gradient()).isNull();
            return gradient.toArray();
        }
    }

    /** The buffers that a run took at most at one time are those that its workspace has afterwards. */
    @Test
    void needsLessMemory() {
        Network plain = new Network(Wrapping.NONE);
        Network wrapped = new Network(Wrapping.EACH);
        plain.run();
        wrapped.run();
        assertThat(wrapped.workspace.elements()).isLessThan(plain.workspace.elements() * 7 / 10);
    }

    @Test
    void aBlockMayGiveItsInput() {
        Variable x = Variable.leaf(normal("x", 3));
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable y = tape.checkpoint(ElementOps.scale(tape, x, 2f), (_, in) -> in);
            tape.backward(ReductionOps.sum(tape, y));
        }
        assertThat(x.gradientOrThrow().toArray()).containsOnly(2);
    }

    @Test
    void recordsNothingForInference() {
        Variable x = Variable.leaf(normal("x", 3));
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Variable y = tape.checkpoint(x, ElementOps::tanh);
            assertThat(y.requiresGradient()).isFalse();
            assertThat(y.value().toArray()).isEqualTo(ElementOps.tanh(tape, x).value().toArray());
        }
    }
}
