package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void countsElementsAndRows() {
        requireCounts(Shape.of(2, 3, 4), 3, 24, 6);
        requireCounts(Shape.of(5), 1, 5, 1);
        requireCounts(Shape.of(), 0, 1, 1);
        requireCounts(Shape.of(0, 4), 2, 0, 0);
        requireCounts(Shape.of(3, 0), 2, 0, 3);
        requireCounts(Shape.of(0), 1, 0, 1);
        requireCounts(Shape.of(Integer.MAX_VALUE), 1, Integer.MAX_VALUE, 1);
    }

    private static void requireCounts(Shape shape, int rank, int size, int rows) {
        assertThat(shape.rank()).as("rank of %s", shape).isEqualTo(rank);
        assertThat(shape.size()).as("size of %s", shape).isEqualTo(size);
        assertThat(shape.rows()).as("rows of %s", shape).isEqualTo(rows);
    }

    @Test
    void countsAxesFromBothEnds() {
        Shape shape = Shape.of(2, 3, 4);
        assertThat(shape.dim(0)).isEqualTo(shape.dim(-3)).isEqualTo(2);
        assertThat(shape.dim(2)).isEqualTo(shape.dim(-1)).isEqualTo(4);
        assertThatThrownBy(() -> shape.dim(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> shape.dim(-4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void isAValueThatNobodyCanChange() {
        int[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 7;
        shape.dims()[1] = 7;
        assertThat(shape).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3)).hasToString("(2, 3)");
        assertThat(shape).isNotEqualTo(Shape.of(3, 2)).isNotEqualTo(Shape.of(2, 3, 1)).isNotEqualTo("(2, 3)");
    }

    @Test
    void refusesWhatNoArrayCanHold() {
        assertThatThrownBy(() -> Shape.of(2, -1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative dimension in [2, -1]");
        assertThatThrownBy(() -> Shape.of(65_536, 32_768)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 2^31-1 elements in [65536, 32768]");
        assertThatThrownBy(() -> Shape.of(65_536, 65_536, 65_536, 65_536)).isInstanceOf(
                IllegalArgumentException.class);
    }
}
