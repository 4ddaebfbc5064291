package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {
    private final Tensor x = Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99}, 4, 3);

    @Test
    void isRowMajor() {
        assertThat(x.shape()).isEqualTo(Shape.of(4, 3));
        assertThat(x.size()).isEqualTo(12);
        assertThat(x.get(2, 1)).isEqualTo(7f);
        assertThat(x.reshape(2, 2, 3).get(1, 0, 2)).isEqualTo(8f);
        assertThat(x.toArray()).hasSize(12);
        assertThat(Tensor.zeros(2, 3).toArray()).containsOnly(0f).hasSize(6);
        assertThat(Tensor.of(new float[] {5f}).get()).isEqualTo(5f);
    }

    @Test
    void viewsShareTheirElements() {
        Tensor middle = x.rows(1, 3);
        assertThat(middle.toArray()).containsExactly(3, 4, 5, 6, 7, 8);
        assertThat(middle.reshape(6).rows(2, 4).toArray()).containsExactly(5, 6);
        middle.reshape(3, 2).rows(1, 2).fill(-1);
        assertThat(x.toArray()).containsExactly(0, 1, 2, 3, 4, -1, -1, 7, 8, 9, 10, 11);
        assertThat(x.rows(4, 4).size()).isZero();
        assertThat(Tensor.zeros(0, 3).rows(0, 0).shape()).isEqualTo(Shape.of(0, 3));
    }

    @Test
    void copiesDoNot() {
        Tensor copy = x.rows(1, 2).copy();
        float[] array = x.toArray();
        x.fill(7);
        assertThat(copy.toArray()).containsExactly(3, 4, 5);
        assertThat(copy.offset()).isZero();
        assertThat(array[11]).isEqualTo(11f);
        assertThat(x.data()[12]).isEqualTo(99f); // beyond the tensor
    }

    @Test
    void setCopiesIntoAView() {
        x.rows(1, 3).set(Tensor.of(new float[] {-1, -2, -3, -4, -5, -6}, 2, 3));
        assertThat(x.toArray()).containsExactly(0, 1, 2, -1, -2, -3, -4, -5, -6, 9, 10, 11);
        assertThatThrownBy(() -> x.set(Tensor.zeros(3, 4))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("set: shapes differ, target (4, 3), source (3, 4)");
    }

    @Test
    void refusesShapesThatDoNotFit() {
        assertThatThrownBy(() -> Tensor.of(new float[5], 2, 3)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensor: shape (2, 3) needs 6 elements, the array has 5");
        assertThatThrownBy(() -> x.reshape(5, 2)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("reshape: (4, 3) has 12 elements, (5, 2) has 10");
        for (int[] range : new int[][] {{-1, 2}, {2, 1}, {3, 5}}) {
            assertThatThrownBy(() -> x.rows(range[0], range[1])).isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("rows: [%d, %d) of (4, 3)", range[0], range[1]);
        }
    }

    @Test
    void showsItsShapeAndFirstElements() {
        assertThat(x).hasToString("Tensor(4, 3)[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, …]");
        assertThat(x.rows(3, 4)).hasToString("Tensor(1, 3)[9.0, 10.0, 11.0]");
    }
}
