package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;

class BroadcastTest {
    private static final Compute COMPUTE = Cpu.shared();

    @Test
    void readsAnAxisOfOneAgain() {
        Tensor column = Tensor.of(new float[] {10, 20}, 2, 1);
        Tensor row = Tensor.of(new float[] {1, 2, 3}, 3);
        Broadcast pair = Broadcast.of("test", column.shape(), row.shape());
        assertThat(pair.shape()).isEqualTo(Shape.of(2, 3));
        Tensor z = Values.unset(2, 3);
        pair.add(COMPUTE, column, row, z);
        assertThat(z.toArray()).containsExactly(11, 12, 13, 21, 22, 23);
        pair.subtract(COMPUTE, column, row, z);
        assertThat(z.toArray()).containsExactly(9, 8, 7, 19, 18, 17);
        pair.multiply(COMPUTE, column, row, z);
        assertThat(z.toArray()).containsExactly(10, 20, 30, 20, 40, 60);
    }

    @Test
    void sumsWhatWasReadAgain() {
        Tensor dz = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(sum(dz, 2, 1)).containsExactly(6, 15);
        assertThat(sum(dz, 3)).containsExactly(5, 7, 9);
        assertThat(sum(dz, 1, 1)).containsExactly(21);
        assertThat(sum(dz)).containsExactly(21);
        assertThat(sum(dz, 2, 3)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(sum(Tensor.zeros(0, 3), 1, 3)).containsExactly(0, 0, 0);
    }

    private static float[] sum(Tensor dz, int... dims) {
        Tensor dx = Values.unset(dims);
        Broadcast.sum(COMPUTE, dz, dx);
        return dx.toArray();
    }

    @Test
    void refusesShapesThatDoNotMatch() {
        assertThatThrownBy(() -> Broadcast.of("test", Shape.of(3, 4), Shape.of(2, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("test: shapes do not broadcast, lhs (3, 4), rhs (2, 4)");
        assertThatThrownBy(() -> sum(Tensor.zeros(1, 3), 2, 3)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sum: (1, 3) into (2, 3)");
    }
}
