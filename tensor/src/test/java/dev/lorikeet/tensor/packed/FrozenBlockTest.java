package dev.lorikeet.tensor.packed;

import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.FeedForward;
import dev.lorikeet.tensor.FeedForward.Block;
import dev.lorikeet.tensor.FeedForward.Factors;
import dev.lorikeet.tensor.FeedForward.Gradients;
import dev.lorikeet.tensor.FeedForward.Part;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.LowRank;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Terms;
import dev.lorikeet.tensor.FrozenMatrix.Wanted;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.kernel.VectorKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A block has the bits of its layers, called one by one. */
class FrozenBlockTest {
    private static final List<Cpu> CPUS = List.of(new Cpu(new ScalarKernels(), new Workers(1)),
            new Cpu(new VectorKernels(), new Workers(2)));
    private static final int ROWS = 49;
    private static final int IN = 65;
    private static final int WIDE = 131;
    private static final int OUT = 33;
    private static final int RANK = 3;

    private final List<Tensor> gradients = new ArrayList<>();

    private static Part part(Cpu cpu, int seed, int out, int in, boolean adapted) {
        return new Part(cpu.take(Values.ORDINARY.tensor(seed, out, in), WeightFormat.F32),
                adapted ? new Factors(Values.ORDINARY.tensor(seed + 1, RANK, in),
                        Values.ORDINARY.tensor(seed + 2, out, RANK), 0.5f) : null,
                Values.ORDINARY.tensor(seed + 3, out));
    }

    private Target target(int... dims) {
        Tensor tensor = Values.unset(dims);
        gradients.add(tensor);
        return new Target(tensor, false);
    }

    private Gradients gradients(Part part) {
        return new Gradients(part.factors() == null ? null : target(RANK, part.weight().in()),
                part.factors() == null ? null : target(part.weight().out(), RANK), target(part.weight().out()));
    }

    private static Pass layer(Part part, Tensor x, Activation f, Tensor y) {
        Factors factors = part.factors();
        return new Pass(Objects.requireNonNull(part.weight().forward(new Workspace(), x, new Terms(
                factors == null ? null : new LowRank(x, factors.a(), factors.b(), factors.scale()), part.bias(), f), y,
                true)));
    }

    private record Pass(Kept kept) {
        void backward(Tensor dy, @Nullable Target dx, Gradients to) {
            kept.backward(new Workspace(), dy, new Wanted(dx, null, to.a(), to.b(), to.bias()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAGate(Activation f) {
        for (Cpu cpu : CPUS) {
            gradients.clear();
            Part up = part(cpu, 1, WIDE, IN, true);
            Part down = part(cpu, 11, OUT, WIDE, false);
            Tensor x = Values.ORDINARY.tensor(21, ROWS, IN);
            Tensor dy = Values.ORDINARY.tensor(22, ROWS, OUT);
            Tensor y = Values.unset(ROWS, OUT);
            try (FeedForward kept = Objects.requireNonNull(
                    cpu.feedForward(new Workspace(), x, new Block(up, null, f, down), y, true))) {
                kept.backward(new Workspace(), dy.copy(),
                        new FeedForward.Wanted(target(ROWS, IN), gradients(up), null, gradients(down)));
            }
            List<Tensor> block = List.copyOf(gradients);

            gradients.clear();
            Tensor hidden = Values.unset(ROWS, WIDE);
            Tensor expected = Values.unset(ROWS, OUT);
            Pass first = layer(up, x, f, hidden);
            Pass second = layer(down, hidden, Activation.NONE, expected);
            Target dx = target(ROWS, IN);
            Gradients ofUp = gradients(up);
            Tensor dhidden = Values.unset(ROWS, WIDE);
            second.backward(dy.copy(), new Target(dhidden, false), gradients(down));
            first.backward(dhidden, dx, ofUp);
            requireSameBits(y.toArray(), expected.toArray());
            requireSame(block, gradients);
        }
    }

    @Test
    void withAGate() {
        for (Cpu cpu : CPUS) {
            gradients.clear();
            Part up = part(cpu, 1, WIDE, IN, true);
            Part gate = part(cpu, 31, WIDE, IN, true);
            Part down = part(cpu, 11, OUT, WIDE, true);
            Tensor x = Values.ORDINARY.tensor(21, ROWS, IN);
            Tensor dy = Values.ORDINARY.tensor(22, ROWS, OUT);
            Tensor y = Values.unset(ROWS, OUT);
            Block whole = new Block(up, gate, Activation.SILU, down);
            try (FeedForward kept = Objects.requireNonNull(cpu.feedForward(new Workspace(), x, whole, y, true))) {
                kept.backward(new Workspace(), dy.copy(),
                        new FeedForward.Wanted(target(ROWS, IN), gradients(up), gradients(gate), gradients(down)));
            }
            List<Tensor> block = List.copyOf(gradients);

            gradients.clear();
            Tensor u = Values.unset(ROWS, WIDE);
            Tensor g = Values.unset(ROWS, WIDE);
            Tensor hidden = Values.unset(ROWS, WIDE);
            Tensor expected = Values.unset(ROWS, OUT);
            Pass ofUp = layer(up, x, Activation.NONE, u);
            Pass ofGate = layer(gate, x, Activation.SILU, g);
            Elementwise.multiply(cpu, g, u, hidden);
            Pass ofDown = layer(down, hidden, Activation.NONE, expected);
            Target dx = target(ROWS, IN);
            Gradients toUp = gradients(up);
            Gradients toGate = gradients(gate);
            Tensor dhidden = Values.unset(ROWS, WIDE);
            Tensor du = Values.unset(ROWS, WIDE);
            Tensor dg = Values.unset(ROWS, WIDE);
            ofDown.backward(dy.copy(), new Target(dhidden, false), gradients(down));
            Elementwise.multiply(cpu, dhidden, g, du);
            Elementwise.multiply(cpu, dhidden, u, dg);
            ofUp.backward(du, dx, toUp);
            ofGate.backward(dg, new Target(dx.tensor(), true), toGate);
            requireSameBits(y.toArray(), expected.toArray());
            requireSame(block, gradients);
        }
    }

    private static void requireSame(List<Tensor> actual, List<Tensor> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            requireSameBits(actual.get(i).toArray(), expected.get(i).toArray());
        }
    }

    @Test
    void keepsNothingWhereNobodyGoesBackAndNamesWhatDoesNotFit() {
        Cpu cpu = CPUS.getFirst();
        Part up = part(cpu, 1, WIDE, IN, true);
        Part down = part(cpu, 11, OUT, WIDE, false);
        assertThat(cpu.feedForward(new Workspace(), Values.ORDINARY.tensor(21, 2, IN),
                new Block(up, null, Activation.GELU, down), Values.unset(2, OUT), false)).isNull();
        assertThatThrownBy(() -> new Block(down, null, Activation.GELU, up)).hasMessage(
                "feedForward: up (33, 131), down (131, 65)");
        assertThatThrownBy(() -> new Block(up, down, Activation.SILU, down)).hasMessage(
                "feedForward: up (131, 65), gate (33, 131), down (33, 131)");
    }
}
