package dev.lorikeet.tensor.packed;

import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
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
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackedWeightTest {
    private static final List<Cpu> CPUS = List.of(new Cpu(new ScalarKernels(), new Workers(1)),
            new Cpu(new VectorKernels(), new Workers(2)));
    private static final int OUT = 149;
    private static final int IN = 512;

    @ParameterizedTest
    @EnumSource
    void givesBackTheWeightsThatWereMeant(WeightFormat format) {
        StoredWeight stored = StoredWeight.of(format, OUT, IN);
        for (Cpu cpu : CPUS) {
            FrozenMatrix weight = new PackedWeight(cpu, stored.pack(cpu.kernels(), true));
            requireSameBits(weight.toTensor().toArray(), stored.meant().toArray());
            int[] which = {OUT - 1, 0, 64, 64};
            Tensor rows = Values.unset(which.length, IN);
            weight.rows(which, rows);
            for (int i = 0; i < which.length; i++) {
                requireSameBits(rows.rows(i, i + 1).toArray(), stored.meant().rows(which[i], which[i] + 1).toArray());
            }
            assertThatThrownBy(() -> weight.rows(new int[] {OUT}, Values.unset(1, IN)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> weight.rows(which, Values.unset(1, IN))).hasMessage(
                    "rows: 4 of weight (149, 512) into (1, 512)");
        }
    }

    /** The panels for the way back are made of those for the way there, when they are asked for and not before. */
    @ParameterizedTest
    @EnumSource
    void goesBackWithTheSameWeights(WeightFormat format) {
        StoredWeight stored = StoredWeight.of(format, OUT, IN);
        for (Cpu cpu : CPUS) {
            FrozenMatrix weight = new PackedWeight(cpu, stored.pack(cpu.kernels(), true));
            long bytes = weight.bytes();
            Workspace room = new Workspace();
            for (int rows : new int[] {1, 51}) {
                Tensor x = Values.ORDINARY.tensor(1, rows, IN);
                Tensor y = Values.unset(rows, OUT);
                Kept kept = Objects.requireNonNull(weight.forward(room, x, Terms.NONE, y, true));
                Tensor expected = Values.unset(rows, OUT);
                PackedProduct.multiply(cpu, x, stored.pack(cpu.kernels(), true), Epilogue.none(), expected, false);
                requireSameBits(y.toArray(), expected.toArray());

                Tensor dy = Values.ORDINARY.tensor(2, rows, OUT);
                Tensor dx = Values.unset(rows, IN);
                kept.backward(room, dy.copy(), new Wanted(null, null, null, null, null));
                assertThat(weight.bytes() == bytes).isEqualTo(rows == 1);
                kept.backward(room, dy.copy(), new Wanted(new Target(dx, false), null, null, null, null));
                Tensor back = Values.unset(rows, IN);
                PackedProduct.multiply(cpu, dy, stored.pack(cpu.kernels(), false), Epilogue.none(), back, false);
                requireSameBits(dx.toArray(), back.toArray());
                assertThat(weight.bytes()).isGreaterThan(bytes);
            }
            assertThat(weight.forward(room, Values.ORDINARY.tensor(1, 1, IN), Terms.NONE, Values.unset(1, OUT), false))
                    .isNull();
        }
    }
}
